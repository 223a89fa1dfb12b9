-- One row per run in which something may stand inside its like, the newest first: recursive nodes, and composites or
-- agents below another span. At most `most_runs` of them, with at most `most_spans` spans together. `matching` counts
-- all there are.
with
nested as (
    select distinct trace_id from spans
    where
        start_ns >= $since_ns
        and (span_type = 'rlm_node' or (span_type in ('request', 'agent') and parent_span_id is not null))
),

matching as (
    select *
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
    where trace_id in (select trace_id from nested)
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
    strategy,
    model_name,
    question,
    latency_ms,
    spans,
    calls,
    errors,
    input_tokens,
    output_tokens,
    cost_usd,
    unpriced_calls,
    status,
    simulated,
    (select count(trace_id) from matching) as matching
from added_up
where spans_so_far <= $most_spans
order by start_ns desc, trace_id;
