-- One row per bucket that lies in [since_ns, until_ns), wholly or in part: its start in UTC and on the clock
-- of `zone`.
create or replace macro buckets(since_ns, until_ns, bucket_seconds, zone) as table
select bucket_in_utc(local_start, zone) as bucket, local_start
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
