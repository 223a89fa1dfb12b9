-- One row per trace whose root has not come yet, the newest first: what is known of it so far.
select
    trace_id,
    started,
    make_timestamp_ns(end_ns) as last_seen,
    strategy,
    model_name,
    question,
    service_name,
    spans,
    calls,
    errors,
    input_tokens,
    output_tokens,
    cost_usd,
    unpriced_calls,
    models,
    simulated
from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
where is_running
order by start_ns desc, trace_id;
