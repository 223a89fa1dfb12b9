-- One row per kind of oddity among the spans that start in the window, or that arrived in it with a time that
-- cannot be right. A parent is looked for a day beyond the window, so that its edges cut off nobody.
-- Recursion has no union without copies here, so each way upwards remembers where it has been.
with recursive
edge as (
    select
        child.trace_id as trace_id,
        child.span_id as span_id,
        child.parent_span_id as parent_span_id,
        parent.start_ns as parent_start_ns,
        parent.start_ns - child.start_ns as early_ns,
        (child.start_ns + child.duration_ns) - (parent.start_ns + parent.duration_ns) as over_ns,
        parent.landed_ns - child.landed_ns as late_ns,
        parent.parent_span_id is not null as parent_has_parent
    from spans as child
    left join
        (
            select trace_id, span_id, parent_span_id, start_ns, duration_ns, landed_ns
            from spans
            where start_ns >= $since_ns - 86400000000000 and start_ns - 86400000000000 < $until_ns
        ) as parent
        on child.trace_id = parent.trace_id and child.parent_span_id = parent.span_id
    where child.start_ns >= $since_ns and child.start_ns < $until_ns and child.parent_span_id is not null
),

above as (
    select trace_id, span_id as origin_id, assumeNotNull(parent_span_id) as span_id, [span_id] as passed
    from edge
    where early_ns >= 0 and parent_has_parent
    union all
    select
        above.trace_id as trace_id,
        above.origin_id as origin_id,
        assumeNotNull(edge.parent_span_id) as span_id,
        arrayPushBack(above.passed, above.span_id) as passed
    from above
    inner join edge on above.trace_id = edge.trace_id and above.span_id = edge.span_id
    where not has(above.passed, above.span_id) and edge.parent_start_ns is not null
),

response as (
    select trace_id, response_id, input_tokens, output_tokens from spans
    where is_llm_call and response_id is not null and start_ns >= $since_ns and start_ns < $until_ns
),

found as (
    select unnest(oddities)::String as kind, trace_id, null::Nullable(Int64) as by_ns, null::Nullable(String) as named
    from spans
    where
        length(oddities) > 0
        and ((start_ns >= $since_ns and start_ns < $until_ns) or (landed_ns >= $since_ns and landed_ns < $until_ns))
    union all
    select found_there.1 as kind, trace_id, found_there.2 as by_ns, null as named
    from
        (
            select
                trace_id,
                unnest(arrayFilter(
                    each -> each.3,
                    [
                        ('parent not there', null::Nullable(Int64), parent_start_ns is null),
                        ('starts before its parent', early_ns, ifNull(early_ns > 0, false)),
                        ('ends after its parent', over_ns, ifNull(over_ns > 0, false)),
                        ('parent came late', late_ns, ifNull(late_ns > 60000000000, false))
                    ]
                )) as found_there
            from edge
        )
    union all
    select 'in a circle' as kind, trace_id, null as by_ns, null as named
    from (
        select distinct above.trace_id as trace_id, above.span_id as span_id
        from above
        where (trace_id, origin_id) in (select trace_id, origin_id from above where span_id = origin_id)
    )
    union all
    select 'no known price' as kind, trace_id, null as by_ns, coalesce(model, 'unknown') as named from spans
    where is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
    union all
    select 'usage not accounted for' as kind, trace_id, null as by_ns, null as named from spans
    where not is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
    union all
    select 'one response in several traces' as kind, trace_id, null as by_ns, null as named from response
    where
        response_id in (
            select response_id from response
            group by response_id, input_tokens, output_tokens
            having min(trace_id) <> max(trace_id)
        )
)

select
    kind,
    count(*) as spans,
    count(distinct trace_id) as traces,
    min(trace_id) as example_trace_id,
    max(by_ns) / 1e6 as most_ms,
    arraySlice(arraySort(groupUniqArrayIf(assumeNotNull(named), named is not null)), 1, 20) as models
from found
group by kind
order by spans desc, kind;
