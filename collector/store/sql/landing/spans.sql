-- The fresh spans of the batch.
insert into spans by name
select * from fresh;
