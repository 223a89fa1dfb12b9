-- Each trace as one part.
insert into trace_parts by name
select * exclude (replaced) from merged;
