-- One row per span of `trace_ids`, without content, in no order; all start between the bounds. Its own file because rows
-- have no places here.
select
    trace_id,
    span_id,
    parent_span_id,
    start_ns,
    duration_ns,
    name,
    span_type,
    strategy,
    stage_name,
    role,
    model,
    status_code,
    outcome,
    is_llm_call,
    billing,
    cost_usd,
    input_tokens,
    output_tokens,
    cached_tokens,
    reasoning_tokens,
    case when contains(events::varchar, '"gen_ai.evaluation.result"') then events::varchar end as evaluations
from spans
where
    trace_id in (select unnest($trace_ids::varchar[]))
    and start_ns between $first_ns and $last_ns;
