-- The scopes of the batch that are not stored yet.
insert into scopes by name
select * from fresh_scopes
anti join scopes using (scope_id);
