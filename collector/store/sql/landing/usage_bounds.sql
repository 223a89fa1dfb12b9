-- One row per trace of `usage_traces` that is stored: how large it is, and between what moments it lies.
select
    trace_id,
    sum(spans)::bigint as spans,
    min(start_ns) as first_ns,
    max(end_ns) as last_ns
from trace_parts
semi join usage_traces using (trace_id)
group by trace_id;
