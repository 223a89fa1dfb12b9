-- One row per span of a strategy that says what was found out, in the order of time: stages, nodes of a recursion and
-- the code they ran. `attributes` holds what it says, by the keys of composite_llm.conventions.
select
    trace_id,
    span_id,
    parent_span_id,
    start_ns,
    duration_ns,
    span_type,
    stage_kind,
    stage_name,
    attributes::varchar as attributes
from spans
where
    start_ns >= $since_ns
    and start_ns < $until_ns
    and contains(attributes::varchar, '"composite.' || $strategy || '.')
    and ($origin = 'all' or simulated = ($origin = 'simulated'))
order by start_ns, trace_id, span_id;
