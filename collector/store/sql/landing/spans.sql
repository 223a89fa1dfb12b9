-- The fresh spans of the batch. What it returns is for nobody: it keeps DuckDB from collecting a few thousand
-- rows on every thread first, which takes twice as long.
insert into spans by name
select * from fresh
returning null;
