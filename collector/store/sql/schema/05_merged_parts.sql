-- One row per trace that has parts nobody merged yet: all its parts in one.
create or replace macro merged_parts() as table
with waiting as materialized (select * from trace_parts where not settled)

select * from merged_anew('waiting');
