-- One row per bucket and strategy that ran.
select
    bucket_of(start_ns, $bucket_seconds, $zone) as bucket,
    strategy,
    count(*) as runs,
    quantile_cont(latency_ms, 0.5) as p50_ms,
    quantile_cont(latency_ms, 0.95) as p95_ms
from runs($since_ns, $until_ns, $strategies, $origin)
group by bucket, strategy
order by bucket, strategy;
