-- One row per stored span of `usage_traces`: what deciding about usage needs, and what was decided. The bounds
-- spare a look at the rest of the table.
select
    trace_id,
    span_id,
    parent_span_id,
    start_ns,
    duration_ns,
    dialect,
    span_type,
    provider,
    model,
    response_id,
    status_code,
    input_tokens,
    output_tokens,
    cached_tokens,
    cache_write_tokens,
    reasoning_tokens,
    cost_usd,
    is_llm_call,
    usage_rule,
    billing
from spans
semi join usage_traces using (trace_id)
where start_ns between $first_ns and $last_ns;
