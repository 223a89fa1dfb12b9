-- The scopes that no span refers to any more.
delete from scopes
where scope_id not in (select scope_id from spans where scope_id is not null);
