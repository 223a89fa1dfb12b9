-- The parts of traces that are about to be added up anew.
delete from trace_parts
where trace_id in (select trace_id from revised_traces);
