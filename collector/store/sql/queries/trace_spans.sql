-- One row per span of one trace, without content. Order, depth and self time come from the tree, which
-- collector/spans/trace_tree.py builds.
select
    span_id,
    parent_span_id,
    start_ns,
    duration_ns,
    name,
    span_type,
    role,
    strategy,
    stage_kind,
    stage_name,
    model,
    provider,
    duration_ns / 1e6 as duration_ms,
    if(status_code = 2, 'error', 'ok') as status,
    outcome,
    error_type,
    status_message,
    input_tokens,
    output_tokens,
    cached_tokens,
    cache_write_tokens,
    reasoning_tokens,
    cost_usd,
    cost_source,
    billing,
    dialect,
    usage_source,
    usage_rule,
    is_llm_call,
    simulated,
    attempt,
    call_index,
    -- only second attempts can be hedges, so that the attributes of the others are not read
    case when attempt > 1 then nullif(json_extract_string(attributes, '/composite.call.hedge'), '') end as hedge
from spans
where trace_id = $trace_id and start_ns between $first_ns and $last_ns
order by start_ns, span_id;
