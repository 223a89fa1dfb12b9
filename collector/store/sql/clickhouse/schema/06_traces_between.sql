-- One row per trace, that is, per run, that starts in [since_ns, last_ns]. Its strategy is that of its
-- outermost request.
-- Added up from the spans whenever it is asked: sums kept by a view over inserts would count a span twice
-- that is delivered twice.
create or replace view traces_between as
with
    -- The least wins: a true root before an orphan, a request before what it is made of; then the earliest,
    -- then the longest. One number, because tuples are several times slower to compare; so chance decides
    -- between two requests that start and end in the same nanoseconds.
    (is_lesser, start_ns, duration_ns) -> bitShiftLeft(toUInt128(is_lesser), 126)
    + bitShiftLeft(toUInt128(start_ns), 63)
    + toUInt128(9223372036854775807 - duration_ns)
    as rank
select
    trace_id,
    min(start_ns) as start_ns,
    max(start_ns + duration_ns) as end_ns,
    fromUnixTimestamp64Nano(min(start_ns), 'UTC') as started,
    (max(start_ns + duration_ns) - min(start_ns)) / 1e6 as latency_ms,
    argMin(name, (rank(parent_span_id is not null, start_ns, duration_ns), name)) as root_name,
    ifNull(
        argMinIf(
            strategy, rank(ifNull(span_type, '') != 'request', start_ns, duration_ns), strategy is not null
        ),
        'other'
    ) as strategy,
    argMinIf(
        tuple(model_name), rank(ifNull(span_type, '') != 'request', start_ns, duration_ns), strategy is not null
    ).1 as model_name,
    argMinIf(
        tuple(question), rank(ifNull(span_type, '') != 'request', start_ns, duration_ns), strategy is not null
    ).1 as question,
    count() as spans,
    countIf(status_code = 2) as errors,
    toBool(max(parent_span_id is null and status_code = 2)) as failed,
    countIf(is_llm_call) as calls,
    countIf(billing = 'priced') as priced_calls,
    countIf(billing = 'unpriced') as unpriced_calls,
    countIf(billing = 'unbilled') as unbilled_calls,
    ifNull(sumIf(cost_usd, is_llm_call), 0) as spend_usd,
    -- null where calls were made and no price is known
    case when priced_calls > 0 or unpriced_calls = 0 then spend_usd end as cost_usd,
    ifNull(sumIf(input_tokens, is_llm_call), 0) as input_tokens,
    ifNull(sumIf(output_tokens, is_llm_call), 0) as output_tokens,
    ifNull(sumIf(cached_tokens, is_llm_call), 0) as cached_tokens,
    ifNull(sumIf(reasoning_tokens, is_llm_call), 0) as reasoning_tokens,
    arraySort(groupUniqArrayIf(model, is_llm_call and model is not null)) as models,
    max(simulated) as simulated,
    max(service_name) as service_name,
    max(session_id) as session_id,
    max(user_id) as user_id,
    arraySort(groupUniqArrayArray(tags)) as tags,
    toBool(min(parent_span_id is not null)) as is_running,  -- its root, which ends last, has not come
    if(failed, 'error', if(is_running, 'running', 'ok')) as status
from spans final
where
    -- Every span of a trace that starts in the window lies behind its beginning, so that the key of the table
    -- cuts the rest off; for all of time there is nothing to cut.
    start_ns >= {since_ns:Int64}
    and (
        {since_ns:Int64} = 0
        or (
            trace_id in (
                select part.trace_id from spans as part
                where part.start_ns >= {since_ns:Int64} and part.start_ns <= {last_ns:Int64}
            )
            and trace_id not in (
                select earlier.trace_id from trace_bounds as earlier
                where
                    earlier.start_ns < {since_ns:Int64}
                    and earlier.trace_id in (
                        select part.trace_id from spans as part
                        where part.start_ns >= {since_ns:Int64} and part.start_ns <= {last_ns:Int64}
                    )
            )
        )
    )
group by trace_id
having min(start_ns) <= {last_ns:Int64}
settings prefer_column_name_to_alias = 1;
