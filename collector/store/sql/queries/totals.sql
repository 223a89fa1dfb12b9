-- One row: everything about the window in one look. A run without any call costs 0; a call without a known
-- price adds nothing and is counted in unpriced_calls.
select
    count(*) as runs,
    coalesce(sum(calls), 0)::bigint as calls,
    coalesce(sum(spend_usd), 0.0) as spend_usd,
    coalesce(sum(priced_calls), 0)::bigint as priced_calls,
    coalesce(sum(unpriced_calls), 0)::bigint as unpriced_calls,
    coalesce(sum(unbilled_calls), 0)::bigint as unbilled_calls,
    avg(spend_usd) as cost_per_run_usd,
    quantile_cont(latency_ms, 0.5) as p50_latency_ms,
    quantile_cont(latency_ms, 0.95) as p95_latency_ms,
    count(*) filter (errors > 0) as runs_with_errors,
    count(*) filter (failed) as failed_runs,
    coalesce(sum(input_tokens), 0)::bigint as input_tokens,
    coalesce(sum(output_tokens), 0)::bigint as output_tokens,
    coalesce(sum(cached_tokens), 0)::bigint as cached_tokens,
    coalesce(sum(reasoning_tokens), 0)::bigint as reasoning_tokens,
    count(*) filter (simulated) as simulated_runs,
    count(*) filter (is_running) as unfinished_runs
from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag);
