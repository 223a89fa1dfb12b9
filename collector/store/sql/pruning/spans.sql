-- The spans of the traces that go. The bounds spare a look at the rest of the table.
delete from spans
where trace_id in (select trace_id from going) and start_ns between $first_ns and $last_ns;
