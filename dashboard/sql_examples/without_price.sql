-- Calls nobody knows the price of
select model, provider, count(*) as calls, sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens
from spans
where is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
group by model, provider
order by calls desc, model
