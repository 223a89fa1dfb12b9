-- The twenty dearest runs, with their question
select trace_id, started, strategy, question, cost_usd, latency_ms, calls
from traces
where start_ns >= $since_ns and start_ns < $until_ns
order by cost_usd desc nulls last
limit 20
