-- What the fresh spans add to their traces.
insert into trace_parts by name
with
by_model as (
    select
        trace_id,
        list({'model': model, 'calls': calls, 'unpriced_calls': unpriced_calls, 'spend_usd': spend_usd}) as by_model
    from
        (
            select
                trace_id,
                model,
                count(*) as calls,
                count(*) filter (billing = 'unpriced') as unpriced_calls,
                coalesce(sum(cost_usd), 0) as spend_usd
            from fresh
            where is_llm_call
            group by all
        )
    group by trace_id
),

part as (
    select
        trace_id,
        min(start_ns) as start_ns,
        max(start_ns + duration_ns) as end_ns,
        min({
            'is_child': parent_span_id is not null, 'start_ns': start_ns, 'shortness': -duration_ns, 'name': name
        }) as root,
        -- What others asked stands behind every span of ours.
        min({
            'is_part': span_type is distinct from 'request',
            'start_ns': if(strategy is null, 9223372036854775807, start_ns),
            'shortness': -duration_ns, 'strategy': strategy, 'model_name': model_name, 'question': question
        }) filter (strategy is not null or question is not null) as request,
        count(*) as spans,
        count(*) filter (status_code = 2) as errors,
        bool_or(parent_span_id is null and status_code = 2) as failed,
        count(*) filter (is_llm_call) as calls,
        count(*) filter (billing = 'priced') as priced_calls,
        count(*) filter (billing = 'unpriced') as unpriced_calls,
        count(*) filter (billing = 'unbilled') as unbilled_calls,
        coalesce(sum(cost_usd) filter (is_llm_call), 0) as spend_usd,
        coalesce(sum(input_tokens) filter (is_llm_call), 0)::bigint as input_tokens,
        coalesce(sum(output_tokens) filter (is_llm_call), 0)::bigint as output_tokens,
        coalesce(sum(cached_tokens) filter (is_llm_call), 0)::bigint as cached_tokens,
        coalesce(sum(reasoning_tokens) filter (is_llm_call), 0)::bigint as reasoning_tokens,
        bool_or(simulated) as simulated,
        max(service_name) as service_name,
        max(session_id) as session_id,
        max(user_id) as user_id,
        coalesce(list_distinct(flatten(list(tags) filter (len(tags) > 0))), []) as tags,
        false as settled
    from fresh
    group by trace_id
)

-- Joined here, where there is one row a trace, and not where there is one a span.
select
    part.*,
    coalesce(by_model, []) as by_model,
    list_sort(
        list_filter(list_transform(coalesce(by_model, []), lambda call: call.model), lambda model: model is not null)
    ) as models
from part
left join by_model using (trace_id);
