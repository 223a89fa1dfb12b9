-- One row per trace of a table (named by `parts`) of parts and their places: all its parts in one. `replaced`
-- are the places of settled parts in it.
create or replace macro merged(parts) as table
select
    trace_id,
    min(start_ns) as start_ns,
    max(end_ns) as end_ns,
    min(root) as root,
    min(request) as request,
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
    flatten(list(by_model)) as by_model,
    bool_or(simulated) as simulated,
    max(service_name) as service_name,
    max(session_id) as session_id,
    max(user_id) as user_id,
    list_sort(list_distinct(flatten(list(tags)))) as tags,
    true as settled,
    list(place) filter (place is not null) as replaced
from query_table(parts)
group by trace_id;
