-- One row per stored span of these traces: what deciding about usage needs, and what was decided. Of a trace
-- with more than $most spans, one more than that.
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
from spans final
where trace_id in {trace_ids:Array(String)} and start_ns >= {first_ns:Int64} and start_ns <= {last_ns:Int64}
limit {most:Int64} + 1 by trace_id
