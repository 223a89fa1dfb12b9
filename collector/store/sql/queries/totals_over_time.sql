-- One row per bucket of the window, also where nothing ran. Token kinds do not overlap, as in by_strategy.
with
per_bucket as (
    select
        local_bucket(start_ns, $bucket_seconds, $zone) as local_start,
        count(*) as runs,
        sum(spend_usd) as spend_usd,
        avg(spend_usd) as cost_per_run_usd,
        quantile_cont(latency_ms, 0.95) as p95_latency_ms,
        count(*) filter (errors > 0) as runs_with_errors,
        sum(unpriced_calls)::bigint as unpriced_calls,
        sum(input_tokens - cached_tokens)::bigint as uncached_input_tokens,
        sum(cached_tokens)::bigint as cached_tokens,
        sum(output_tokens - reasoning_tokens)::bigint as visible_output_tokens,
        sum(reasoning_tokens)::bigint as reasoning_tokens
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
    coalesce(unpriced_calls, 0) as unpriced_calls,
    coalesce(uncached_input_tokens, 0) as uncached_input_tokens,
    coalesce(cached_tokens, 0) as cached_tokens,
    coalesce(visible_output_tokens, 0) as visible_output_tokens,
    coalesce(reasoning_tokens, 0) as reasoning_tokens
from buckets($since_ns, $until_ns, $bucket_seconds, $zone)
left join per_bucket using (local_start)
order by bucket;
