-- Stored spans about which more is known now.
update spans
set is_llm_call = revised.counts, usage_rule = revised.rule, billing = revised.billing
from revised
where
    spans.trace_id = revised.trace_id
    and spans.span_id = revised.span_id
    and spans.start_ns between $first_ns and $last_ns;
