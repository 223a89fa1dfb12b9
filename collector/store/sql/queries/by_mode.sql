-- One row per composite that was asked for by name, the dearest first: a strategy with a model behind it, or a
-- profile. So each such run is in one row, and only runs of something else are in none.
with each as (
    select
        regexp_extract(model_name, '^composite/(?:profile/)?([^/]+)', 1) as mode,
        count(*) as runs,
        sum(spend_usd) as spend_usd,
        sum(priced_calls)::bigint as priced_calls,
        sum(unpriced_calls)::bigint as unpriced_calls,
        avg(spend_usd) as cost_per_run_usd,
        avg(calls) as calls_per_run,
        quantile_cont(latency_ms, 0.5) as p50_latency_ms,
        quantile_cont(latency_ms, 0.95) as p95_latency_ms,
        count(*) filter (errors > 0) as runs_with_errors,
        count(*) filter (failed) as failed_runs,
        count(*) filter (simulated) as simulated_runs
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
    where model_name like 'composite/_%'
    group by mode
)

-- Sums of the same amounts differ in their last digits.
select * from each
order by round(spend_usd, 9) desc, mode;
