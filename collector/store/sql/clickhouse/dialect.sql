-- What DuckDB's functions are called here: put before every question, so that nothing has to be created on
-- the server but our own tables and views.
with
    (value, share) -> quantileExactInclusive(share)(value) as quantile_cont,
    (text) -> lowerUTF8(text) as lower,
    (text, part) -> position(text, part) > 0 as contains,
    (text, prefix) -> startsWith(text, prefix) as starts_with,
    (list, item) -> has(list, item) as list_contains,
    (ns) -> fromUnixTimestamp64Nano(ns) as make_timestamp_ns,
    -- The start of the bucket a moment falls into, in UTC: days begin at midnight in `zone`, weeks on its Monday.
    toInt64(946857600) as first_monday,
    (ns, zone) -> intDiv(toUnixTimestamp64Nano(fromUTCTimestamp(fromUnixTimestamp64Nano(ns), zone)), 1000000000)
    as local_second,
    (ns, bucket_seconds, zone) -> toUTCTimestamp(
        fromUnixTimestamp64Micro(1000000 * (
            first_monday
            + bucket_seconds * toInt64(floor((local_second(ns, zone) - first_monday) / bucket_seconds))
        )),
        zone
    ) as bucket_of
