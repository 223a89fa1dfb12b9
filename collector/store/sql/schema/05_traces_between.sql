-- One row per trace, that is, per run, that starts in [since_ns, last_ns]. Its strategy is that of its
-- outermost request.
-- A trace that starts there has a part that does; looking for those parts first spares adding up the whole
-- history.
create or replace macro traces_between(since_ns, last_ns) as table
select *
from
    (
        select
            trace_id,
            min(start_ns) as start_ns,
            max(end_ns) as end_ns,
            (max(end_ns) - min(start_ns)) / 1e6 as latency_ms,
            min(root).name as root_name,
            coalesce(min(request).strategy, 'other') as strategy,
            min(request).model_name as model_name,
            min(request).question as question,
            sum(spans)::bigint as spans,
            sum(errors)::bigint as errors,
            bool_or(failed) as failed,
            sum(calls)::bigint as calls,
            sum(priced_calls)::bigint as priced_calls,
            sum(unpriced_calls)::bigint as unpriced_calls,
            sum(unbilled_calls)::bigint as unbilled_calls,
            sum(spend_usd) as spend_usd,
            sum(input_tokens)::bigint as input_tokens,
            sum(output_tokens)::bigint as output_tokens,
            sum(cached_tokens)::bigint as cached_tokens,
            sum(reasoning_tokens)::bigint as reasoning_tokens,
            list_sort(list_distinct(flatten(list(models)))) as models,
            bool_or(simulated) as simulated,
            max(service_name) as service_name,
            max(session_id) as session_id,
            max(user_id) as user_id,
            list_sort(list_distinct(flatten(list(tags)))) as tags,
            min(root).is_child as is_running  -- its root, which ends last, has not come
        from trace_parts
        where
            trace_id in (
                select part.trace_id from trace_parts as part
                where part.start_ns >= since_ns and part.start_ns <= last_ns
            )
        group by trace_id
    )
where start_ns >= since_ns;
