-- One row per bucket and strategy that ran.
select
    bucket_in_utc(local_start, $zone) as bucket,
    strategy,
    count(*) as runs,
    quantile_cont(latency_ms, 0.5) as p50_ms,
    quantile_cont(latency_ms, 0.95) as p95_ms
from
    (
        select local_bucket(start_ns, $bucket_seconds, $zone) as local_start, strategy, latency_ms
        from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
    )
group by local_start, strategy
order by bucket, strategy;
