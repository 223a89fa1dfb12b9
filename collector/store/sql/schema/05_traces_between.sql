-- One row per trace, that is, per run, that starts in [since_ns, last_ns]. Its strategy is that of its
-- outermost request.
create or replace macro traces_between(since_ns, last_ns) as table
select
    trace_id,
    start_ns,
    end_ns,
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
    input_tokens,
    output_tokens,
    cached_tokens,
    reasoning_tokens,
    by_model,
    list_sort(list_distinct([used.model for used in by_model if used.model is not null])) as models,
    simulated,
    service_name,
    session_id,
    user_id,
    tags,
    root.is_child as is_running  -- its root, which ends last, has not come
from
    (
        select * from trace_parts
        where
            settled
            and trace_id not in (select waiting.trace_id from trace_parts as waiting where not waiting.settled)
        union all by name
        select * from merged_parts()
    )
where start_ns >= since_ns and start_ns <= last_ns;
