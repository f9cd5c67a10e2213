-- Creates that a person gave up or sent again: a job in an upstream's list may be theirs.
create index attempt_given_up on attempt (upstream, sent_at) where outcome = 'abandoned';
