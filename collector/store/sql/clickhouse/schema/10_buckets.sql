-- One row per bucket that lies in [since_ns, until_ns), wholly or in part, by its start in UTC.
create or replace view buckets as
with
    (ns) -> intDiv(
        toUnixTimestamp64Nano(fromUTCTimestamp(fromUnixTimestamp64Nano(ns), {zone:String})), 1000000000
    ) as local_second,
    toInt64(946857600) as origin,  -- 2000-01-03, a Monday
    (ns) -> origin + {bucket_seconds:Int64} * toInt64(floor((local_second(ns) - origin) / {bucket_seconds:Int64}))
    as local_bucket
select
    toUTCTimestamp(fromUnixTimestamp64Micro(1000000 * arrayJoin(range(
        local_bucket({since_ns:Int64}),
        local_bucket({until_ns:Int64} - 1) + {bucket_seconds:Int64},
        {bucket_seconds:Int64}
    ))), {zone:String}) as bucket;
