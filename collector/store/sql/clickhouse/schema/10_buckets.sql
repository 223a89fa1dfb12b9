-- One row per bucket that lies in [since_ns, until_ns), wholly or in part: its start in UTC and on the clock
-- of `zone`.
create or replace view buckets as
with
    toInt64(946857600) as first_monday,
    (ns) -> intDiv(
        toUnixTimestamp64Micro(fromUTCTimestamp(fromUnixTimestamp64Micro(intDiv(ns, 1000)), {zone:String})),
        1000000
    ) as local_second,
    (ns) -> first_monday
    + {bucket_seconds:Int64} * toInt64(floor((local_second(ns) - first_monday) / {bucket_seconds:Int64}))
    as local_bucket
select
    fromUnixTimestamp64Micro(1000000 * arrayJoin(range(
        local_bucket({since_ns:Int64}),
        local_bucket({until_ns:Int64} - 1) + {bucket_seconds:Int64},
        {bucket_seconds:Int64}
    ))) as local_start,
    toUTCTimestamp(local_start, {zone:String}) as bucket;
