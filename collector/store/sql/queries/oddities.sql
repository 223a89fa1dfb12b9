-- One row per kind of oddity among the spans that start in a part of a window, and among those with a time that
-- cannot be right that start elsewhere and arrived in [$landed_since_ns, $landed_until_ns). Their parents start in
-- [$first_ns, $last_ns]. `reaching` are those of the traces that may reach into other parts.
with recursive
edge as materialized (
    select
        child.trace_id,
        child.span_id,
        child.parent_span_id,
        child.start_ns >= $since_ns and child.start_ns < $until_ns as is_inside,
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
            where start_ns between $first_ns and $last_ns
        ) as parent
        on child.trace_id = parent.trace_id and child.parent_span_id = parent.span_id
    where child.start_ns between $first_ns and $last_ns and child.parent_span_id is not null
),

-- What comes back to itself lies in a circle. In each, some span starts before its parent, or all start at once.
level as materialized (
    select trace_id, span_id, parent_span_id from edge
    where early_ns = 0 and parent_has_parent
),

begins as materialized (
    select trace_id, span_id, parent_span_id, false as is_level from edge
    where early_ns > 0 and parent_has_parent
    union all by name
    select trace_id, span_id, parent_span_id, true as is_level from level
    where (trace_id, parent_span_id) in (select (above.trace_id, above.span_id) from level as above)
),

above (trace_id, origin_id, span_id, is_level) as (
    select trace_id, span_id, parent_span_id, is_level from begins
    union
    select above.trace_id, above.origin_id, edge.parent_span_id, above.is_level
    from above
    inner join edge on above.trace_id = edge.trace_id and above.span_id = edge.span_id
    where
        above.span_id <> above.origin_id
        and edge.parent_has_parent
        and (edge.early_ns = 0 or not above.is_level)
),

-- The dearest stands for all that are told again in other traces, as two libraries do within minutes.
told_again as (
    select trace_id, start_ns, if(place > 1, cost_usd, 0) as twice_usd
    from
        (
            select
                trace_id,
                start_ns,
                cost_usd,
                min(trace_id) over same as least_id,
                max(trace_id) over same as greatest_id,
                row_number() over (same order by cost_usd desc nulls last, start_ns, trace_id, span_id) as place
            from spans
            where
                is_llm_call
                and response_id is not null
                and start_ns >= $since_ns - 600000000000
                and start_ns - 600000000000 < $until_ns
            window same as (partition by response_id, input_tokens, output_tokens)
        )
    where least_id <> greatest_id and start_ns >= $since_ns and start_ns < $until_ns
),

found as (
    select unnest(oddities) as kind, trace_id, null::bigint as by_ns, null::double as twice_usd, null::varchar as named
    from spans
    where len(oddities) > 0 and start_ns >= $since_ns and start_ns < $until_ns
    union all by name
    select unnest(oddities) as kind, trace_id from spans
    where
        len(oddities) > 0
        and landed_ns >= $landed_since_ns
        and landed_ns < $landed_until_ns
        and not (start_ns >= $landed_since_ns and start_ns < $landed_until_ns)
    union all by name
    select 'parent not there' as kind, trace_id from edge
    where is_inside and parent_start_ns is null
    union all by name
    select 'in a circle' as kind, trace_id
    from
        (
            select distinct above.trace_id, above.span_id
            from above
            inner join (select trace_id, origin_id from above where span_id = origin_id) as closed
                on above.trace_id = closed.trace_id and above.origin_id = closed.origin_id
        ) as member
    semi join (select trace_id, span_id from edge where is_inside) as inside
        on member.trace_id = inside.trace_id and member.span_id = inside.span_id
    union all by name
    select 'starts before its parent' as kind, trace_id, early_ns as by_ns from edge
    where is_inside and early_ns > 0
    union all by name
    select 'ends after its parent' as kind, trace_id, over_ns as by_ns from edge
    where is_inside and over_ns > 0
    union all by name
    select 'parent came late' as kind, trace_id, late_ns as by_ns from edge
    where is_inside and late_ns > 60000000000
    union all by name
    select 'no known price' as kind, trace_id, coalesce(model, 'unknown') as named from spans
    where is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
    union all by name
    select 'usage not accounted for' as kind, trace_id from spans
    where not is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
    union all by name
    select 'one response in several traces' as kind, trace_id, twice_usd from told_again
),

reaching as (
    select distinct trace_id from trace_parts
    where
        not settled
        or (start_ns < $since_ns and end_ns >= $since_ns)
        or (start_ns < $until_ns and end_ns >= $until_ns)
)

select
    kind,
    count(*) as spans,
    count(distinct trace_id) as traces,
    min(trace_id) as example_trace_id,
    max(by_ns) / 1e6 as most_ms,
    sum(twice_usd) as twice_usd,
    coalesce(list_sort(list_distinct(list(named) filter (named is not null))), []) as models,
    coalesce(
        list_sort(list_distinct(list(trace_id) filter (trace_id in (select reaching.trace_id from reaching)))), []
    ) as reaching
from found
group by kind
order by spans desc, kind;
