-- How much input was billed at the cached price
select
    model,
    sum(input_tokens) as input_tokens,
    sum(cached_tokens) as cached_tokens,
    sum(cached_tokens) / nullif(sum(input_tokens), 0) as cache_hit
from spans
where is_llm_call and start_ns >= $since_ns and start_ns < $until_ns
group by model
order by input_tokens desc nulls last
