-- One row per trace here, whole; questions that add parts up do not see the difference.
create or replace view trace_parts as
select * from traces;
