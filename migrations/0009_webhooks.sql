-- Webhooks: an ending is told to an address once, however often it is looked for.

-- When the clip ended: a clip that is tried again ends again.
alter table delivery add column happened_at integer not null default 0;
create unique index delivery_once on delivery (webhook_id, generation_id, happened_at);
create index delivery_ended on delivery (ended_at) where ended_at is not null;

-- Up to when endings were looked for.
alter table webhook add column looked_at integer not null default 0;

-- What ended before is not told: when it was made, or switched on again.
alter table webhook add column told_from integer not null default 0;
