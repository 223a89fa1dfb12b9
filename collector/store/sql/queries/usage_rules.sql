-- One row per rule by which the usage of other libraries' spans counts or does not, and dialect, of the spans that start
-- in the period: how many, what they tell, one of them. The most spans first.
select
    usage_rule as rule,
    coalesce(dialect, '') as dialect,
    is_llm_call as counts,
    count(*) as spans,
    count(distinct trace_id) as traces,
    coalesce(sum(input_tokens), 0)::bigint as input_tokens,
    coalesce(sum(output_tokens), 0)::bigint as output_tokens,
    sum(cost_usd) as told_usd,
    substr(max(concat(trace_id, span_id)), 1, 32) as example_trace_id,
    substr(max(concat(trace_id, span_id)), 33, 16) as example_span_id
from spans
where
    usage_rule is not null
    and start_ns >= $since_ns
    and start_ns < $until_ns
group by usage_rule, coalesce(dialect, ''), is_llm_call
order by spans desc, rule, dialect;
