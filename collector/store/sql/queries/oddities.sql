-- One row per kind of oddity among the spans that start in the window, or that arrived in it with a time that
-- cannot be right. A parent is looked for a day beyond the window, so that its edges cut off nobody.
with recursive
edge as materialized (
    select
        child.trace_id,
        child.span_id,
        child.parent_span_id,
        child.start_ns,
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

-- From where a child does not start after its parent, up to the top: what comes back to itself lies in a
-- circle. Every circle has such a place.
above (trace_id, origin_id, span_id) as (
    select trace_id, span_id, parent_span_id from edge
    where early_ns >= 0 and parent_has_parent
    union
    select above.trace_id, above.origin_id, edge.parent_span_id
    from above
    inner join edge on above.trace_id = edge.trace_id and above.span_id = edge.span_id
    where above.span_id <> above.origin_id and edge.parent_start_ns is not null
),

response as (
    select trace_id, response_id, input_tokens, output_tokens from spans
    where is_llm_call and response_id is not null and start_ns >= $since_ns and start_ns < $until_ns
),

found as (
    select unnest(oddities) as kind, trace_id, null::bigint as by_ns, null::varchar as named
    from spans
    where
        len(oddities) > 0
        and ((start_ns >= $since_ns and start_ns < $until_ns) or (landed_ns >= $since_ns and landed_ns < $until_ns))
    union all by name
    select 'parent not there' as kind, trace_id from edge
    where parent_start_ns is null
    union all by name
    select 'in a circle' as kind, trace_id
    from (
        select distinct above.trace_id, above.span_id
        from above
        inner join (select trace_id, origin_id from above where span_id = origin_id) as closed
            on above.trace_id = closed.trace_id and above.origin_id = closed.origin_id
    )
    union all by name
    select 'starts before its parent' as kind, trace_id, early_ns as by_ns from edge
    where early_ns > 0
    union all by name
    select 'ends after its parent' as kind, trace_id, over_ns as by_ns from edge
    where over_ns > 0
    union all by name
    select 'parent came late' as kind, trace_id, late_ns as by_ns from edge
    where late_ns > 60000000000
    union all by name
    select 'no known price' as kind, trace_id, coalesce(model, 'unknown') as named from spans
    where is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
    union all by name
    select 'usage not accounted for' as kind, trace_id from spans
    where not is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
    union all by name
    select 'one response in several traces' as kind, trace_id from response
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
    coalesce(list_sort(list_distinct(list(named) filter (named is not null)))[1:20], []) as models
from found
group by kind
order by spans desc, kind;
