-- One row per bucket of the window: how many runs began in it, and how many spans these have.
with
per_bucket as (
    select
        local_bucket(start_ns, $bucket_seconds, $zone) as local_start,
        count(*) as runs,
        sum(spans)::bigint as spans
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
    group by local_start
)

select
    bucket,
    coalesce(runs, 0) as runs,
    coalesce(spans, 0) as spans
from buckets($since_ns, $until_ns, $bucket_seconds, $zone)
left join per_bucket using (local_start)
order by bucket;
