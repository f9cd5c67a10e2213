-- The API: keys, and addresses that are told when a clip ends.

-- Of a key only its hash is kept, and as much as tells it from others.
create table api_key (
    id integer primary key not null,
    person_id integer not null references person (id),
    name text not null,
    secret text not null unique,
    hint text not null,
    -- Words with a blank between them: read create delete.
    scopes text not null,
    created_at integer not null,
    expires_at integer,
    used_at integer,
    revoked_at integer
) strict;
create index api_key_of on api_key (person_id, id);

-- Its secret signs what is sent, so that it is kept as it is.
create table webhook (
    id integer primary key not null,
    person_id integer not null references person (id),
    url text not null,
    secret text not null,
    created_at integer not null,
    disabled_at integer
) strict;
create index webhook_of on webhook (person_id, id);

create table delivery (
    id integer primary key not null,
    webhook_id integer not null references webhook (id) on delete cascade,
    generation_id integer not null,
    event text not null check (event in ('video.completed', 'video.failed')),
    state text not null check (state in ('waiting', 'delivered', 'failed')),
    attempts integer not null default 0,
    due_at integer not null,
    -- What the address answered last: its status, or why there was none.
    status integer,
    words text,
    created_at integer not null,
    ended_at integer
) strict;
create index delivery_due on delivery (state, due_at);
create index delivery_of on delivery (webhook_id, id);
