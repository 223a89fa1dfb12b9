-- One row per model call of `trace_ids` that counts, with what it used and cost; all start between the bounds.
select
    trace_id,
    span_id,
    strategy,
    model,
    is_llm_call,
    status_code,
    billing,
    duration_ns,
    cost_usd,
    input_tokens,
    output_tokens,
    cached_tokens,
    reasoning_tokens
from spans
where
    trace_id in (select unnest($trace_ids::varchar[]))
    and start_ns between $first_ns and $last_ns
    and is_llm_call
order by trace_id, span_id;
