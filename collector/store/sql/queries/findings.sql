-- One row per span of a strategy's runs that is no model call, in the order of time: requests, stages, tools, nodes of
-- a recursion, and those of composites inside them or around them. `attributes` holds what each found out, by the keys
-- of composite_llm.conventions. A run is simulated where anything in its trace is: stages without calls do not say so.
select
    trace_id,
    span_id,
    parent_span_id,
    start_ns,
    duration_ns,
    span_type,
    strategy,
    stage_kind,
    stage_name,
    attributes::varchar as attributes
from spans
where
    start_ns >= $since_ns
    and start_ns < $until_ns
    and not is_llm_call
    and trace_id in (
        select trace_id from spans
        where
            start_ns >= $since_ns
            and start_ns < $until_ns
            and (strategy = $strategy or span_type = $strategy || '_step')
    )
    and (
        $origin = 'all'
        or (
            trace_id in (
                select trace_id from spans
                where start_ns >= $since_ns and start_ns < $until_ns and simulated
            )
        ) = ($origin = 'simulated')
    )
order by start_ns, trace_id, span_id;
