-- One row about one trace, with the columns of `traces`; none if it is not known.
-- Its own file because the other engine merges the parts of this one trace.
select
    trace_id,
    make_timestamp_ns(start_ns) as started,
    root_name,
    model_name,
    strategy,
    question,
    latency_ms,
    spans,
    calls,
    errors,
    failed,
    input_tokens,
    output_tokens,
    cached_tokens,
    reasoning_tokens,
    case when priced_calls > 0 or unpriced_calls = 0 then spend_usd end as cost_usd,
    unpriced_calls,
    models,
    simulated,
    service_name,
    session_id,
    user_id,
    tags,
    if(failed, 'error', if(is_running, 'running', 'ok')) as status,
    1::bigint as matching
from traces
where trace_id = $trace_id;
