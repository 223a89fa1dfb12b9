-- What the traces that go are made of.
delete from trace_parts
where trace_id in (select trace_id from going);
