-- One row per model call of a strategy's runs that counts, in the order of time; `parent_span_id` is its stage.
select
    trace_id,
    span_id,
    parent_span_id,
    start_ns,
    duration_ns,
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
    and strategy = $strategy
    and ($origin = 'all' or simulated = ($origin = 'simulated'))
order by start_ns, trace_id, span_id;
