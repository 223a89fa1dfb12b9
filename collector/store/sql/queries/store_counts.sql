-- One row: how much the store holds.
select
    count(*) as traces,
    count(*) filter (simulated) as simulated_traces,
    coalesce(sum(spans), 0)::bigint as spans,
    coalesce(sum(calls), 0)::bigint as llm_calls,
    coalesce(sum(unpriced_calls), 0)::bigint as unpriced_calls,
    min(start_ns) as oldest_span_ns,
    max(end_ns) as newest_span_ns
from traces;
