-- What DuckDB's functions are called here: put before every question, so that nothing has to be created on
-- the server but our own tables and views.
with
    (value, share) -> quantileExactInclusive(share)(value) as quantile_cont,
    (text) -> lowerUTF8(text) as lower,
    (text, part) -> position(text, part) > 0 as contains,
    (text, part) -> toInt64(positionUTF8(text, part)) as strpos,
    (text, first, length) -> substringUTF8(text, first, length) as substr,
    (text, prefix) -> startsWith(text, prefix) as starts_with,
    (text) -> lower(hex(MD5(text))) as md5,
    (json, pointer) -> JSONExtractRaw(json, substring(pointer, 2)) as json_extract_string,
    (list, item) -> has(list, item) as list_contains,
    (list) -> arrayJoin(list) as unnest,
    (ns) -> fromUnixTimestamp64Nano(ns) as make_timestamp_ns,
    (value, greatest) -> argMax(value, greatest) as arg_max,
    -- The start of the bucket a moment falls into, on the clock of `zone`: days begin at its midnight, weeks on
    -- its Monday.
    toInt64(946857600) as first_monday,
    (ns, zone) -> intDiv(
        toUnixTimestamp64Micro(fromUTCTimestamp(fromUnixTimestamp64Micro(intDiv(ns, 1000)), zone)), 1000000
    ) as local_second,
    (ns, bucket_seconds, zone) -> fromUnixTimestamp64Micro(1000000 * (
        first_monday
        + bucket_seconds * toInt64(floor((local_second(ns, zone) - first_monday) / bucket_seconds))
    )) as local_bucket,
    (local_start, zone) -> toUTCTimestamp(local_start, zone) as bucket_in_utc
