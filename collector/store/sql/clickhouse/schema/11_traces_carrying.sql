-- One row per trace with spans since `since_ns` that carry every one of `wanted`, texts of the form key=value:
-- each on some span of the trace, or on what sent it. Numbers and truths are compared as JSON writes them.
create or replace view traces_carrying as
with
    (json, key) -> multiIf(
        JSONType(json, key) = 'String', JSONExtractString(json, key),
        JSONType(json, key) = 'Null', null,
        JSONExtractRaw(json, key)
    ) as text_at,
    (json, pair) -> ifNull(
        text_at(json, substring(pair, 1, position(pair, '=') - 1)) = substring(pair, position(pair, '=') + 1), false
    ) as carries
select trace_id
from
    (
        select span.trace_id as trace_id, arrayJoin(arrayDistinct({wanted:Array(String)})) as pair
        from spans as span final
        left join resources as resource final on span.resource_id = resource.resource_id
        where
            span.start_ns >= {since_ns:Int64}
            and (carries(span.attributes, pair) or carries(resource.attributes, pair))
    )
group by trace_id
having uniqExact(pair) = length(arrayDistinct({wanted:Array(String)}));
