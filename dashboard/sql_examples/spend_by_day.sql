-- Spend by day and model
select date_trunc('day', make_timestamp_ns(start_ns)) as day, model, count(*) as calls, sum(cost_usd) as usd
from spans
where is_llm_call and start_ns >= $since_ns and start_ns < $until_ns
group by day, model
order by day, usd desc nulls last
