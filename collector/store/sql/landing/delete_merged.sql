-- The parts that are in `merged` now.
delete from trace_parts
where trace_id in (select trace_id from merged);
