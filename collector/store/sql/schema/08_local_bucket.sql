-- The start of the bucket a moment falls into, on the clock of `zone`: days begin at its midnight, weeks on
-- its Monday.
create or replace macro local_bucket(ns, bucket_seconds, zone) as
time_bucket(
    to_seconds(bucket_seconds),
    timezone(zone, make_timestamptz(ns // 1000)),
    timestamp '2000-01-03'
);
