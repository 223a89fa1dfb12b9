-- Output tokens a second, by model
select
    model,
    count(*) as calls,
    sum(output_tokens) / nullif(sum(duration_ns) / 1e9, 0) as tokens_a_second,
    max(duration_ns) / 1e6 as slowest_ms
from spans
where is_llm_call and output_tokens > 0 and start_ns >= $since_ns and start_ns < $until_ns
group by model
order by tokens_a_second desc
