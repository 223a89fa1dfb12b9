-- One row: how many parts wait to be merged.
select count(*) as parts from trace_parts
where not settled;
