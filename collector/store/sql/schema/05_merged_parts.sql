-- One row per trace that has parts nobody merged yet: all its parts in one.
-- Parts of such a trace that are settled are rare. Their ids are looked for first, because reading one column
-- of the whole table is quick and reading all of them is not.
create or replace macro merged_parts() as table
with
waiting as materialized (select * from trace_parts where not settled),

reopened as materialized (
    select settled_part.trace_id
    from trace_parts as settled_part
    where settled_part.settled and settled_part.trace_id in (select waiting.trace_id from waiting)
)

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
    flatten(list(by_model)) as by_model,
    bool_or(simulated) as simulated,
    max(service_name) as service_name,
    max(session_id) as session_id,
    max(user_id) as user_id,
    list_sort(list_distinct(flatten(list(tags)))) as tags,
    true as settled
from
    (
        select * from waiting
        union all by name
        select * from trace_parts
        where settled and trace_id in (select reopened.trace_id from reopened)
    )
group by trace_id;
