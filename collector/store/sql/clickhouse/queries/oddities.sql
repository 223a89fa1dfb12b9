-- One row per kind of oddity among the spans that start in a part of a window, and among those with a time that
-- cannot be right that start elsewhere and arrived in [$landed_since_ns, $landed_until_ns). Their parents start in
-- [$first_ns, $last_ns]. `reaching` are those of the traces that may reach into other parts.
-- Recursion has no union without copies here, so each way upwards remembers where it has been.
with recursive
edge as (
    select
        child.trace_id as trace_id,
        child.span_id as span_id,
        child.parent_span_id as parent_span_id,
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
            where start_ns >= $first_ns and start_ns <= $last_ns
        ) as parent
        on child.trace_id = parent.trace_id and child.parent_span_id = parent.span_id
    where child.start_ns >= $first_ns and child.start_ns <= $last_ns and child.parent_span_id is not null
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
    where not has(above.passed, above.span_id) and edge.parent_has_parent
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
                row_number() over (
                    partition by response_id, input_tokens, output_tokens
                    order by cost_usd desc nulls last, start_ns, trace_id, span_id
                ) as place
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

reaching_id as (
    select trace_id from trace_bounds
    group by trace_id
    having
        (min(start_ns) < $since_ns and max(last_ns) >= $since_ns)
        or (min(start_ns) < $until_ns and max(last_ns) >= $until_ns)
),

found as (
    select
        unnest(oddities)::String as kind,
        trace_id,
        null::Nullable(Int64) as by_ns,
        null::Nullable(Float64) as twice_usd,
        null::Nullable(String) as named
    from spans
    where
        length(oddities) > 0
        and (
            (start_ns >= $since_ns and start_ns < $until_ns)
            or (
                landed_ns >= $landed_since_ns
                and landed_ns < $landed_until_ns
                and not (start_ns >= $landed_since_ns and start_ns < $landed_until_ns)
            )
        )
    union all
    select found_there.1 as kind, trace_id, found_there.2 as by_ns, null as twice_usd, null as named
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
            where is_inside
        )
    union all
    select 'in a circle' as kind, trace_id, null as by_ns, null as twice_usd, null as named
    from (
        select distinct above.trace_id as trace_id, above.span_id as span_id
        from above
        where
            (trace_id, origin_id) in (select trace_id, origin_id from above where span_id = origin_id)
            and (trace_id, span_id) in (select trace_id, span_id from edge where is_inside)
    )
    union all
    select 'no known price' as kind, trace_id, null as by_ns, null as twice_usd, coalesce(model, 'unknown') as named
    from spans
    where is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
    union all
    select 'usage not accounted for' as kind, trace_id, null as by_ns, null as twice_usd, null as named from spans
    where not is_llm_call and billing = 'unpriced' and start_ns >= $since_ns and start_ns < $until_ns
    union all
    select 'one response in several traces' as kind, trace_id, null as by_ns, twice_usd, null as named
    from told_again
)

select
    kind,
    count(*) as spans,
    count(distinct trace_id) as traces,
    min(trace_id) as example_trace_id,
    max(by_ns) / 1e6 as most_ms,
    sum(twice_usd) as twice_usd,
    arraySort(groupUniqArrayIf(assumeNotNull(named), named is not null)) as models,
    arraySort(groupUniqArrayIf(trace_id, trace_id in (select trace_id from reaching_id))) as reaching
from found
group by kind
order by spans desc, kind;
