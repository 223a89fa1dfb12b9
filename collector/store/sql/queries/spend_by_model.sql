-- One row per bucket and model that was called. A call belongs to the bucket its run starts in, so that
-- the buckets add up to the runs' totals. Time zones are slow, and no bucket begins within a quarter of an hour
-- (or a shorter cell that divides it), so calls are added up by cell before they are by bucket.
with
cells as (
    select
        cell,
        used.model as model,
        sum(used.spend_usd) as spend_usd,
        sum(used.calls)::bigint as calls,
        sum(used.unpriced_calls)::bigint as unpriced_calls
    from
        (
            select
                start_ns // (gcd($bucket_seconds::bigint, 900) * 1000000000) as cell,
                unnest(by_model) as used
            from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
        )
    group by all
),

local_cells as (
    select
        local_bucket(
            cell * gcd($bucket_seconds::bigint, 900) * 1000000000, $bucket_seconds, $zone
        ) as local_start,
        *
    from cells
)

select
    bucket_in_utc(local_start, $zone) as bucket,
    coalesce(model, 'unknown') as model,
    sum(spend_usd) as spend_usd,
    sum(calls)::bigint as calls,
    sum(unpriced_calls)::bigint as unpriced_calls
from local_cells
group by local_start, model
order by bucket, model;
