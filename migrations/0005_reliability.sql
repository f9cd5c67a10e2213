-- Creates whose outcome nobody knows, lately, at one upstream: several in a row hold further ones back for a minute.
create index attempt_unknown on attempt (upstream, answered_at) where outcome = 'uncertain';
