-- One row per bucket that lies in [since_ns, until_ns), wholly or in part, by its start in UTC.
create or replace macro buckets(since_ns, until_ns, bucket_seconds, zone) as table
select timezone('UTC', timezone(zone, local_start)) as bucket
from
    (
        select unnest(
            generate_series(
                local_bucket(since_ns, bucket_seconds, zone),
                local_bucket(until_ns - 1, bucket_seconds, zone),
                to_seconds(bucket_seconds)
            )
        ) as local_start
    );
