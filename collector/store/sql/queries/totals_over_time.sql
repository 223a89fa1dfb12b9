-- One row per bucket of the window, also where nothing ran.
with
per_bucket as (
    select
        local_bucket(start_ns, $bucket_seconds, $zone) as local_start,
        count(*) as runs,
        sum(spend_usd) as spend_usd,
        avg(spend_usd) as cost_per_run_usd,
        quantile_cont(latency_ms, 0.95) as p95_latency_ms,
        count(*) filter (errors > 0) as runs_with_errors,
        sum(unpriced_calls)::bigint as unpriced_calls
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
    group by local_start
)

select
    bucket,
    coalesce(runs, 0) as runs,
    coalesce(spend_usd, 0.0) as spend_usd,
    cost_per_run_usd,
    p95_latency_ms,
    coalesce(runs_with_errors, 0) as runs_with_errors,
    coalesce(unpriced_calls, 0) as unpriced_calls
from buckets($since_ns, $until_ns, $bucket_seconds, $zone)
left join per_bucket using (local_start)
order by bucket;
