-- One row per run of `trace_ids` that passes the filters, the newest first, with the columns of `traces`. The places
-- are found by one column: reading all columns of all parts beside it takes five times as long.
with
part as (
    select *, null::bigint as place from trace_parts
    where
        rowid in (
            select part.rowid from trace_parts as part
            where part.trace_id in (select unnest($trace_ids::varchar[]))
        )
),

whole as (select * exclude (replaced) from merged('part'))

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
from as_traces('whole')
where
    (len($strategies::varchar[]) = 0 or list_contains($strategies::varchar[], strategy))
    and ($origin = 'all' or simulated = ($origin = 'simulated'))
order by start_ns desc, trace_id;
