-- The resources of the batch that are not stored yet.
insert into resources by name
select sender.resource_id, sender.attributes
from senders as sender
anti join resources using (resource_id);
