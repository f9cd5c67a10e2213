-- Teams: accounts, plans, money, turns. Times are UTC epoch milliseconds, money is micro-dollars.

-- What a person may use. Null is no limit. Caps count rolling windows of a day and of 30 days.
create table plan (
    name text primary key not null,
    may_create integer not null default 1,
    generations_per_day integer,
    generations_per_month integer,
    seconds_per_day integer,
    seconds_per_month integer,
    money_per_month integer,
    at_once integer,
    -- The share of the queue, against the weights of the others who wait.
    weight integer not null default 1 check (weight between 1 and 100),
    -- Keys of models as a JSON list; an empty one means all.
    models text not null default '[]',
    -- Lines of the shorter side, such as 720, and seconds of one clip.
    largest integer,
    longest integer,
    storage_bytes integer,
    api integer not null default 0,
    api_per_minute integer,
    at_cap text not null default 'refuse' check (at_cap in ('refuse', 'relaxed'))
) strict;
insert into plan (name, may_create, generations_per_day, at_once, weight, api, api_per_minute) values
    ('none', 0, null, null, 1, 0, null),
    ('plus', 1, 30, 2, 1, 0, null),
    ('pro', 1, 120, 5, 3, 0, null),
    ('api', 1, 120, 5, 1, 1, 60);

alter table person add column role text not null default 'owner' check (role in ('owner', 'admin', 'member', 'viewer'));
-- Null: no limits.
alter table person add column plan text references plan (name);
-- What this person may spend in 30 days, whatever the plan says.
alter table person add column money_per_month integer;
-- Since when this is an account; null while the first person has none.
alter table person add column joined_at integer;
-- An Argon2id hash; null until a password was chosen.
alter table person add column password text;
alter table person add column disabled_at integer;
-- Removed: the name is free again, the record of money stays.
alter table person add column removed_at integer;
alter table person add column used_at integer;
alter table person add column time_zone text not null default '';
-- Who sees new clips unless said otherwise.
alter table person add column visibility text not null default 'team' check (visibility in ('team', 'private'));
-- The name in lower case, by the rules of every script; names are told apart by it.
alter table person add column name_key text not null default '';
update person set name_key = lower(name);
create unique index person_name on person (name_key) where removed_at is null;

-- A browser that is signed in. Only a hash of what its cookie holds is here.
create table session (
    id integer primary key not null,
    person_id integer not null references person (id),
    secret text not null unique,
    device text not null,
    address text not null,
    created_at integer not null,
    used_at integer not null
) strict;
create index session_person on session (person_id, used_at);
create index session_used on session (used_at);

-- A link that works once: to set up, to join, to choose a new password.
create table ticket (
    id integer primary key not null,
    kind text not null check (kind in ('setup', 'invite', 'reset')),
    secret text not null unique,
    -- Who made it; for a reset, `person_id` is whose password it changes.
    made_by integer references person (id),
    person_id integer references person (id),
    role text check (role in ('owner', 'admin', 'member', 'viewer')),
    plan text references plan (name),
    note text not null default '',
    created_at integer not null,
    expires_at integer not null,
    used_at integer
) strict;
create index ticket_open on ticket (kind, expires_at) where used_at is null;

-- Wrong passwords: how many in a row of late, by account and address, by account, by address.
create table misses (
    subject text primary key not null,
    many integer not null,
    since integer not null,
    latest integer not null
) strict, without rowid;
create index misses_latest on misses (latest);

-- Private: only the person who made it sees it.
alter table generation add column visibility text not null default 'team' check (visibility in ('team', 'private'));
-- 1: runs only when nothing else waits.
alter table generation add column relaxed integer not null default 0;
alter table folder add column visibility text not null default 'team' check (visibility in ('team', 'private'));
drop index folder_name;
create unique index folder_name on folder (lower(name)) where visibility = 'team';
create unique index folder_own_name on folder (person_id, lower(name)) where visibility = 'private';
create index generation_ended_by on generation (person_id, ended_at, id) where ended_at is not null;
create index generation_bytes_by on generation (person_id, size_bytes) where size_bytes is not null and erased is null;
drop index storyboard_latest;
create index storyboard_latest on storyboard (person_id, updated_at, id);
create index generation_queue on generation (upstream, person_id, relaxed, turn, id) where state = 'queued';

-- The record of money and of what caps count: append-only, its sums are the truth. What is reserved at
-- Create is settled by a finished clip and released by one that failed or was canceled.
create table entry (
    id integer primary key not null,
    kind text not null check (kind in ('reserve', 'settle', 'release')),
    person_id integer not null,
    generation_id integer not null references generation (id),
    upstream text not null,
    model_key text not null,
    clips integer not null,
    seconds integer not null,
    -- What is held and what is spent by this entry; settling moves one to the other.
    held_micros integer not null,
    spent_micros integer not null,
    at integer not null,
    -- When the clip that this is about was reserved: caps count it from then.
    reserved_at integer not null
) strict;
create index entry_person on entry (person_id, reserved_at, clips, seconds, held_micros, spent_micros);
create index entry_upstream on entry (upstream, reserved_at, held_micros, spent_micros);
create index entry_time on entry (reserved_at, held_micros, spent_micros);
create index entry_generation on entry (generation_id, id);

-- What the ledger would have said of what was made before there was one.
insert into entry (id, kind, person_id, generation_id, upstream, model_key, clips, seconds, held_micros, spent_micros, at, reserved_at)
select g.id, 'reserve', g.person_id, g.id, g.upstream, g.model_key, 1, g.seconds, coalesce(t.price_micros, 0), 0,
    t.created_at, t.created_at
from generation g join task t on t.id = g.task_id
where g.state not in ('failed', 'canceled') and g.upstream not in ('upload', 'ffmpeg', 'seed');
insert into entry (id, kind, person_id, generation_id, upstream, model_key, clips, seconds, held_micros, spent_micros, at, reserved_at)
select -g.id, 'settle', g.person_id, g.id, g.upstream, g.model_key, 0, 0, -coalesce(t.price_micros, 0),
    coalesce(t.price_micros, 0), g.ended_at, t.created_at
from generation g join task t on t.id = g.task_id
where g.state = 'completed' and g.upstream not in ('upload', 'ffmpeg', 'seed');

-- What may be spent in 30 days by all, or at one upstream: `instance`, or `upstream:` and its name.
create table budget (
    scope text primary key not null,
    money_per_month integer not null
) strict;

-- Whose turn it is at an upstream: who was served least, for their weight (domain/turn.rs). Person 0 is the clock.
create table share (
    upstream text not null,
    person_id integer not null,
    pass integer not null,
    served_at integer not null,
    primary key (upstream, person_id)
) strict, without rowid;

drop view clip;
create view clip as
select
    generation.id, generation.task_id, generation.take, generation.upstream, generation.model_key,
    generation.seconds, generation.state, generation.reason, generation.words, generation.code,
    generation.progress, generation.seed, generation.upstream_id, generation.source_url, generation.expires_at,
    generation.cost_micros, generation.failures, generation.let_go, generation.due_at, generation.queued_at,
    generation.submitted_at, generation.accepted_at, generation.rendered_at, generation.ended_at,
    generation.file, generation.mime, generation.size_bytes, generation.sha256,
    generation.wide, generation.high, generation.duration_ms, generation.poster, generation.deleted_at,
    generation.person_id, generation.aspect, generation.title, generation.notes, generation.is_best,
    generation.remixes, generation.turn, generation.erased, generation.visibility, generation.relaxed,
    task.prompt, task.model, task.model_label, task.wide as asked_wide, task.high as asked_high,
    task.variations, task.reference, task.price_micros, task.created_at, task.parent_id,
    task.operation, task.options, task.recipe, task.storyboard_id
from generation join task on task.id = generation.task_id;
