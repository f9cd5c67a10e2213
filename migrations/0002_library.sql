-- The library: who, found how, kept where. Times are UTC epoch milliseconds, as before.

-- Who uses this workspace. Accounts come later; until then everything is the first person's.
create table person (
    id integer primary key not null,
    name text not null,
    -- Their waiting work stays where it is while this is set.
    paused_at integer,
    -- Until when they have seen what happened.
    seen_at integer not null default 0
) strict;
insert into person (id, name) values (1, 'You');

alter table task add column person_id integer not null default 1;
-- The clip whose prompt this one began with.
alter table task add column parent_id integer references generation (id);

alter table generation add column person_id integer not null default 1;
-- The shape asked for, as people call it; filled in by the program for older rows.
alter table generation add column aspect text not null default '';
alter table generation add column title text not null default '';
alter table generation add column notes text not null default '';
-- Picked among the takes of its task.
alter table generation add column is_best integer not null default 0;
-- How many tasks began with its prompt.
alter table generation add column remixes integer not null default 0;
-- Its place in line: lower goes first. A person may exchange places.
alter table generation add column turn integer not null default 0;
-- 1: deleted for good, and its files are being removed. 2: removed. The row stays for the record of money.
alter table generation add column erased integer;
update generation set turn = id;
-- What had waited longer than its id tells was queued again: after everything that waits.
update generation set turn = queued_at * 1048576 where state = 'queued' and queued_at > id / 1048576;

create table favorite (
    person_id integer not null references person (id),
    generation_id integer not null references generation (id),
    created_at integer not null,
    primary key (person_id, generation_id)
) strict, without rowid;
create index favorite_of on favorite (generation_id);

create table folder (
    id integer primary key not null,
    person_id integer not null references person (id),
    name text not null,
    created_at integer not null
) strict;
create unique index folder_name on folder (lower(name));

-- A clip may lie in many folders.
create table folder_clip (
    folder_id integer not null references folder (id) on delete cascade,
    generation_id integer not null references generation (id),
    created_at integer not null,
    primary key (folder_id, generation_id)
) strict, without rowid;
create index folder_clip_of on folder_clip (generation_id, folder_id);

-- The words of every clip that is not erased; the rowid is the clip's. Contentless: the words lie in their tables.
create virtual table clip_search using fts5 (
    prompt, title, notes,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);

-- Each way to look at the wall is an index that is read from its end.
drop index generation_wall;
create index generation_wall on generation (id) where deleted_at is null and upstream <> 'upload';
create index generation_by_person on generation (person_id, id) where deleted_at is null and upstream <> 'upload';
create index generation_by_state on generation (state, id) where deleted_at is null and upstream <> 'upload';
create index generation_by_model on generation (model_key, id) where deleted_at is null and upstream <> 'upload';
create index generation_by_aspect on generation (aspect, id) where deleted_at is null and upstream <> 'upload';
create index generation_by_seconds on generation (seconds, id) where deleted_at is null and upstream <> 'upload';
create index generation_by_remixes on generation (remixes, id) where deleted_at is null and upstream <> 'upload';
create index generation_best on generation (id) where is_best = 1 and deleted_at is null;
create index generation_uploads on generation (id) where deleted_at is null and upstream = 'upload';
create index generation_trash on generation (deleted_at, id) where deleted_at is not null and erased is null;
create index generation_erasing on generation (id) where erased = 1;
create index generation_file on generation (file) where file is not null;
create index generation_bytes on generation (size_bytes) where size_bytes is not null and erased is null;
create index generation_aspectless on generation (id) where aspect = '';
create index task_parent on task (parent_id) where parent_id is not null;

drop index generation_line;
create index generation_line on generation (upstream, turn, id) where state = 'queued';

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
    generation.remixes, generation.turn, generation.erased,
    task.prompt, task.model, task.model_label, task.wide as asked_wide, task.high as asked_high,
    task.variations, task.reference, task.price_micros, task.created_at, task.parent_id
from generation join task on task.id = generation.task_id;
