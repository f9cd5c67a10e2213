-- Clips whose picture was not made yet are found at once: the older index of the same name was passed over for one
-- that had every finished clip read and sorted at each turn of the worker.
drop index generation_poster;
create index generation_poster on generation (state, id) where poster is null;
