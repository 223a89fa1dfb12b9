-- One row per trace with spans since `since_ns` that carry every one of `wanted`, texts of the form key=value:
-- each on some span of the trace, or on what sent it. Numbers and truths are compared as JSON writes them.
create or replace macro traces_carrying(wanted, since_ns) as table
with
pairs as (
    select
        text,
        '/' || replace(replace(split_part(text, '=', 1), '~', '~0'), '/', '~1') as pointer,
        substr(text, strpos(text, '=') + 1) as value
    from (select distinct unnest(wanted::varchar[]) as text)
),

found as (
    select distinct span.trace_id, pairs.text
    from spans as span
    cross join pairs
    left join resources as resource on span.resource_id = resource.resource_id
    where
        span.start_ns >= since_ns
        and (
            json_extract_string(span.attributes, pairs.pointer) = pairs.value
            or json_extract_string(resource.attributes, pairs.pointer) = pairs.value
        )
)

select trace_id
from (select trace_id, count(*) as pairs_found from found group by trace_id)
where pairs_found = (select count(*) from pairs);
