-- One row per trace, that is, per run, from a table (named by `parts`) with one part a trace. The strategy of a
-- trace is that of its outermost request.
create or replace macro as_traces(parts) as table
select
    trace_id,
    start_ns,
    end_ns,
    make_timestamp_ns(start_ns) as started,
    (end_ns - start_ns) / 1e6 as latency_ms,
    root.name as root_name,
    coalesce(request.strategy, 'other') as strategy,
    request.model_name as model_name,
    request.question as question,
    spans,
    errors,
    failed,
    calls,
    priced_calls,
    unpriced_calls,
    unbilled_calls,
    spend_usd,
    -- null where calls were made and no price is known
    case when priced_calls > 0 or unpriced_calls = 0 then spend_usd end as cost_usd,
    input_tokens,
    output_tokens,
    cached_tokens,
    reasoning_tokens,
    by_model,
    models,
    simulated,
    service_name,
    session_id,
    user_id,
    tags,
    root.is_child as is_running,  -- its root, which ends last, has not come
    if(failed, 'error', if(root.is_child, 'running', 'ok')) as status
from query_table(parts);
