-- How long the oldest clip has waited, for each upstream, without reading every clip that waits.
create index generation_age on generation (upstream, queued_at) where state = 'queued';
