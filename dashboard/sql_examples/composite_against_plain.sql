-- What a run costs and takes, by strategy
select
    strategy,
    count(*) as runs,
    avg(cost_usd) as usd_a_run,
    max(cost_usd) as dearest_usd,
    avg(latency_ms) as mean_latency_ms,
    avg(calls) as calls_a_run
from traces
where start_ns >= $since_ns and start_ns < $until_ns
group by strategy
order by usd_a_run desc nulls last
