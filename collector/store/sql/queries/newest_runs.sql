-- One row per run that is looked at span by span, the newest first: at most `most_runs` of them, with at most
-- `most_spans` spans together. `matching` counts all there are.
with
matching as (
    select trace_id, start_ns, end_ns, spans
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
),

newest as (
    select * from matching
    where spans <= $most_spans
    order by start_ns desc, trace_id
    limit $most_runs
),

added_up as (
    select
        *,
        sum(spans) over (
            order by start_ns desc, trace_id rows between unbounded preceding and current row
        ) as spans_so_far
    from newest
)

select
    trace_id,
    start_ns,
    end_ns,
    spans,
    (select count(trace_id) from matching) as matching
from added_up
where spans_so_far <= $most_spans
order by start_ns desc, trace_id;
