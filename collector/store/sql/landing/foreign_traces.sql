-- The traces of `usage_traces` that are not noted yet.
insert into foreign_traces by name
select trace_id from usage_traces
anti join foreign_traces using (trace_id);
