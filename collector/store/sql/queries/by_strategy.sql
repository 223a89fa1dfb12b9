-- One row per strategy that ran, the dearest first. Token kinds do not overlap: input is uncached + cached,
-- output is visible + reasoning.
with each as (
    select
        strategy,
        count(*) as runs,
        sum(spend_usd) as spend_usd,
        sum(priced_calls)::bigint as priced_calls,
        sum(unpriced_calls)::bigint as unpriced_calls,
        avg(spend_usd) as cost_per_run_usd,
        quantile_cont(spend_usd, 0.5) as p50_cost_usd,
        quantile_cont(spend_usd, 0.95) as p95_cost_usd,
        max(spend_usd) as most_cost_usd,
        sum(calls)::bigint as calls,
        avg(calls) as calls_per_run,
        quantile_cont(latency_ms, 0.5) as p50_latency_ms,
        quantile_cont(latency_ms, 0.95) as p95_latency_ms,
        count(*) filter (errors > 0) as runs_with_errors,
        count(*) filter (failed) as failed_runs,
        sum(input_tokens - cached_tokens)::bigint as uncached_input_tokens,
        sum(cached_tokens)::bigint as cached_tokens,
        sum(output_tokens - reasoning_tokens)::bigint as visible_output_tokens,
        sum(reasoning_tokens)::bigint as reasoning_tokens
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
    group by strategy
)

-- Sums of the same amounts differ in their last digits.
select * from each
order by round(spend_usd, 9) desc, strategy;
