-- One row per composite request and per node of a recursion in `trace_ids`, in the order of time, with what it says of
-- itself; all start between the bounds.
select
    trace_id,
    span_id,
    span_type,
    start_ns,
    attributes::varchar as attributes
from spans
where
    trace_id in (select unnest($trace_ids::varchar[]))
    and start_ns between $first_ns and $last_ns
    and span_type in ('request', 'rlm_node')
order by start_ns, trace_id, span_id;
