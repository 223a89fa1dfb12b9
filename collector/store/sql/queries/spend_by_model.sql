-- One row per bucket and model that was called. A call belongs to the bucket its run starts in, so that
-- the buckets add up to the runs' totals.
select
    bucket_in_utc(local_start, $zone) as bucket,
    coalesce(used.model, 'unknown') as model,
    sum(used.spend_usd) as spend_usd,
    sum(used.calls)::bigint as calls,
    sum(used.unpriced_calls)::bigint as unpriced_calls
from
    (
        select local_bucket(start_ns, $bucket_seconds, $zone) as local_start, unnest(by_model) as used
        from runs($since_ns, $until_ns, $strategies, $origin)
    )
group by local_start, used.model
order by bucket, model;
