-- What second attempts cost
select model, attempt, outcome, count(*) as calls, sum(cost_usd) as usd, sum(duration_ns) / 1e9 as seconds
from spans
where is_llm_call and attempt > 1 and start_ns >= $since_ns and start_ns < $until_ns
group by model, attempt, outcome
order by usd desc nulls last
