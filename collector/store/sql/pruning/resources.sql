-- The resources that no span refers to any more.
delete from resources
where resource_id not in (select resource_id from spans);
