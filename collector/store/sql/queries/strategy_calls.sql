-- One row per model call that counts in the traces in which a strategy ran, in no order, those of composites inside it
-- or around it, too: where each belongs its `parent_span_id` tells, which is a row of `findings`.
select
    trace_id,
    span_id,
    parent_span_id,
    start_ns,
    duration_ns,
    strategy,
    role,
    call_index,
    model,
    outcome,
    billing,
    cost_usd,
    input_tokens,
    output_tokens
from spans
where
    start_ns >= $since_ns
    and start_ns < $until_ns
    and is_llm_call
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
