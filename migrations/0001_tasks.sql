-- Times are UTC epoch milliseconds, money is micro-dollars, paths are relative to the data folder.

-- One press of Create.
create table task (
    id integer primary key not null,
    -- The form's one-time token: pressed twice, it makes one task.
    token text unique,
    prompt text not null,
    upstream text not null,
    -- What forms post; `model` is what the upstream is sent, `model_label` what people saw.
    model_key text not null,
    model text not null,
    model_label text not null,
    wide integer not null,
    high integer not null,
    seconds integer not null,
    variations integer not null check (variations between 1 and 4),
    -- The uploaded reference image.
    reference text,
    -- The price of one clip when Create was pressed; null when nobody had said.
    price_micros integer check (price_micros >= 0),
    created_at integer not null
) strict;

-- One clip of a task: the unit of queue, state, cost and file.
create table generation (
    id integer primary key not null,
    task_id integer not null references task (id),
    take integer not null,
    upstream text not null,
    model_key text not null,
    seconds integer not null,
    state text not null check (state in (
        'queued', 'submitting', 'in_progress', 'downloading', 'completed', 'failed', 'canceled', 'uncertain')),
    -- What needs more words than the state has.
    reason text,
    -- The upstream's own words and code, or ours about it.
    words text,
    code text,
    progress integer check (progress between 0 and 100),
    seed integer not null,
    upstream_id text,
    -- Where the upstream said the file is, if not at its content route.
    source_url text,
    expires_at integer,
    -- Paid for accepted attempts, all together.
    cost_micros integer not null default 0,
    -- Failures in a row of the present step.
    failures integer not null default 0,
    -- A person stopped waiting; the clip still lands in the library.
    let_go integer not null default 0,
    -- When the worker looks at it next.
    due_at integer not null,
    queued_at integer not null,
    submitted_at integer,
    accepted_at integer,
    rendered_at integer,
    ended_at integer,
    file text,
    mime text,
    size_bytes integer,
    sha256 text,
    wide integer,
    high integer,
    duration_ms integer,
    -- Null until looked for, empty when there is none.
    poster text,
    deleted_at integer,
    unique (task_id, take),
    check ((ended_at is not null) = (state in ('completed', 'failed', 'canceled'))),
    check (state not in ('in_progress', 'downloading') or upstream_id is not null),
    check (state <> 'completed' or (file is not null and sha256 is not null and size_bytes is not null))
) strict;

-- Not partial: a query that binds its state could not use it then.
create index generation_work on generation (state, upstream, due_at);
create index generation_line on generation (upstream, queued_at, id) where state = 'queued';
create index generation_poster on generation (id) where state = 'completed' and poster is null;
create index generation_wall on generation (id) where deleted_at is null;
create index generation_history on generation (model_key, seconds, rendered_at) where rendered_at is not null;
create index generation_ended on generation (ended_at) where ended_at is not null;

-- One paid create at an upstream: written before the request leaves, and never deleted.
create table attempt (
    id integer primary key not null,
    generation_id integer not null references generation (id),
    number integer not null,
    upstream text not null,
    outcome text not null check (outcome in (
        'sending', 'accepted', 'not_sent', 'refused', 'uncertain', 'abandoned')),
    idempotency_key text not null unique,
    cost_micros integer not null,
    upstream_id text,
    code text,
    words text,
    sent_at integer not null,
    answered_at integer,
    unique (generation_id, number),
    check (outcome <> 'accepted' or upstream_id is not null)
) strict;

-- A generation has at most one attempt whose end is open, and a job belongs to one attempt.
create unique index attempt_open on attempt (generation_id) where outcome in ('sending', 'uncertain');
create unique index attempt_job on attempt (upstream, upstream_id) where upstream_id is not null;

-- A generation with what its task says of it: the one list of columns that pages and the worker read.
create view clip as
select
    generation.id, generation.task_id, generation.take, generation.upstream, generation.model_key,
    generation.seconds, generation.state, generation.reason, generation.words, generation.code,
    generation.progress, generation.seed, generation.upstream_id, generation.source_url, generation.expires_at,
    generation.cost_micros, generation.failures, generation.let_go, generation.due_at, generation.queued_at,
    generation.submitted_at, generation.accepted_at, generation.rendered_at, generation.ended_at,
    generation.file, generation.mime, generation.size_bytes, generation.sha256,
    generation.wide, generation.high, generation.duration_ms, generation.poster, generation.deleted_at,
    task.prompt, task.model, task.model_label, task.wide as asked_wide, task.high as asked_high,
    task.variations, task.reference, task.price_micros, task.created_at
from generation join task on task.id = generation.task_id;
