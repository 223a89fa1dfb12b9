-- One row per question that one model was asked in one of `trace_ids` by code of a recursive node, or by an agent of
-- another library, and answered: equal are those whose whole input is equal, letter by letter. `digest` is null for
-- calls without stored input, all in one row. All start between the bounds.
with answered as (
    select
        trace_id,
        span_id,
        start_ns,
        coalesce(model, '') as model,
        md5(coalesce(input_messages, input_value)) as digest,
        coalesce(billing, '') as billing,
        case when billing = 'priced' then coalesce(cost_usd, 0.0) else 0.0 end as usd
    from spans
    where
        trace_id in (select unnest($trace_ids::varchar[]))
        and start_ns between $first_ns and $last_ns
        and is_llm_call
        and (role = 'rlm_leaf' or strategy is null)
        and status_code <> 2
        and coalesce(outcome, 'ok') = 'ok'
),

placed as (
    select
        *,
        row_number() over (partition by trace_id, model, digest order by start_ns, span_id) as place
    from answered
)

select
    trace_id,
    model,
    digest,
    count(*) as calls,
    count(*) filter (billing = 'unpriced') as unpriced_calls,
    sum(usd) as spend_usd,
    max(case when place = 1 then span_id end) as first_span_id,
    min(start_ns) as first_ns,
    -- null where nobody knows what the first one cost
    max(case when place = 1 and billing <> 'unpriced' then usd end) as first_usd
from placed
group by trace_id, model, digest
order by first_ns, trace_id, first_span_id;
