-- The director's desk: what tasks are made of, styles, storyboards, drafts.

-- How the task came to be, and its wishes beyond size and length (domain/making.rs).
alter table task add column operation text not null default 'create' check (operation in (
    'create', 'reroll', 'remix', 'extend', 'trim', 'loop', 'stitch', 'blend', 'convert'));
alter table task add column options text not null default '{}';
-- What ffmpeg does, for tasks of the upstream of that name.
alter table task add column recipe text;
alter table task add column storyboard_id integer;
create index task_storyboard on task (storyboard_id) where storyboard_id is not null;

-- The clips that a task is made of, in order. It waits until they are there.
create table source (
    task_id integer not null references task (id),
    position integer not null,
    generation_id integer not null references generation (id),
    primary key (task_id, position)
) strict, without rowid;
create index source_of on source (generation_id, task_id);

-- What a person was writing, and what they chose last: JSON of the composer's fields.
alter table person add column draft text not null default '{}';
alter table person add column settings text not null default '{}';

-- Styles and templates that people keep: words added to a prompt, and a picture.
create table preset (
    id integer primary key not null,
    person_id integer not null references person (id),
    name text not null,
    text text not null,
    picture text,
    -- Everyone here may use it.
    shared integer not null default 0,
    created_at integer not null
) strict;
create index preset_person on preset (person_id, id);
create index preset_shared on preset (id) where shared = 1;

create table storyboard (
    id integer primary key not null,
    person_id integer not null references person (id),
    title text not null,
    -- Cards with text, milliseconds and picture, as JSON.
    cards text not null,
    -- The composer's settings, as JSON.
    settings text not null default '{}',
    -- Counts every change: who writes with an older number has not seen the newer one.
    version integer not null default 1,
    created_at integer not null,
    updated_at integer not null
) strict;
create index storyboard_latest on storyboard (updated_at, id);

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
    task.variations, task.reference, task.price_micros, task.created_at, task.parent_id,
    task.operation, task.options, task.recipe, task.storyboard_id
from generation join task on task.id = generation.task_id;
