-- One row per trace with spans since `since_ns` that carry every one of `wanted`, texts of the form key=value:
-- each on some span of the trace, or on what sent it. Numbers and truths are compared as JSON writes them.
create or replace view traces_carrying as
select trace_id
from
    (
        select distinct span.trace_id as trace_id, pair.text as text
        from spans as span
        left join resources as resource on span.resource_id = resource.resource_id
        cross join
            (
                select
                    text,
                    splitByChar('=', text)[1] as key,
                    substring(text, position(text, '=') + 1) as value
                from (select arrayJoin({wanted:Array(String)}) as text)
            ) as pair
        where
            span.start_ns >= {since_ns:Int64}
            and (
                if(
                    JSONType(ifNull(span.attributes, '{}'), pair.key) = 'String',
                    JSONExtractString(ifNull(span.attributes, '{}'), pair.key),
                    JSONExtractRaw(ifNull(span.attributes, '{}'), pair.key)
                ) = pair.value
                or if(
                    JSONType(ifNull(resource.attributes, '{}'), pair.key) = 'String',
                    JSONExtractString(ifNull(resource.attributes, '{}'), pair.key),
                    JSONExtractRaw(ifNull(resource.attributes, '{}'), pair.key)
                ) = pair.value
            )
    )
group by trace_id
having count(*) = length({wanted:Array(String)});
