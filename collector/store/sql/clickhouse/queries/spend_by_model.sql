-- One row per bucket and model that was called. A call belongs to the bucket its run starts in, so that
-- the buckets add up to the runs' totals. Counted over the spans, as `models` is.
select
    bucket_in_utc(local_bucket(run.start_ns, $bucket_seconds, $zone), $zone) as bucket,
    coalesce(call.model, 'unknown') as model,
    coalesce(sum(call.cost_usd), 0.0) as spend_usd,
    count(*) as calls,
    count(*) filter (where call.billing = 'unpriced') as unpriced_calls
from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag) as run
inner join spans as call on run.trace_id = call.trace_id
where call.is_llm_call and call.start_ns >= $since_ns
group by all
order by bucket, model;
