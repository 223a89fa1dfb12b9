-- One row per span of a strategy's runs that is no model call, in no order: requests, stages, tools, nodes of a
-- recursion, and those of composites inside them or around them. `attributes` holds what those say that found something
-- out, by the keys of composite_llm.conventions; null on others. A run is simulated where anything in its trace is:
-- stages without calls do not say so. Sorting would need all attributes of the window in memory at once.
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
    case
        when
            contains(attributes::varchar, '"composite.' || $strategy || '.')
            or ($strategy = 'rlm' and span_type = 'repl_exec')
            then attributes::varchar
    end as attributes
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
    );
