-- The resources of the batch that are not stored yet.
insert into resources by name
select * from fresh_resources
anti join resources using (resource_id);
