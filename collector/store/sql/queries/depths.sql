-- One row per span of `trace_ids` that starts in [first_ns, last_ns]: of what it is a child.
select
    trace_id,
    span_id,
    parent_span_id
from spans
where
    start_ns >= $first_ns
    and start_ns <= $last_ns
    and trace_id in (select unnest($trace_ids::varchar[]));
