-- After the spans: what is left of them says which bounds are still needed.
alter table trace_bounds delete where start_ns <= {last_ns:Int64} and trace_id not in (select trace_id from spans)
