-- One row per model and dialect of what nobody knows the cost of in the runs of the window, the most calls first: calls,
-- and spans that do not count but tell of more than those that do (`is_call` false). Spans of a run start no earlier
-- than the run.
with run as (
    select trace_id from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
    where unpriced_calls > 0
)

select
    coalesce(model, 'unknown') as model,
    coalesce(dialect, '') as dialect,
    is_llm_call as is_call,
    simulated as is_simulated,
    count(*) as calls,
    count(distinct trace_id) as runs,
    count(*) filter (
        (input_tokens is null and output_tokens is null)
        or coalesce(outcome, 'ok') not in ('ok', 'empty', 'discarded')
    ) as cut_off,
    coalesce(sum(input_tokens), 0)::bigint as input_tokens,
    coalesce(sum(output_tokens), 0)::bigint as output_tokens,
    coalesce(sum(cached_tokens), 0)::bigint as cached_tokens,
    coalesce(sum(reasoning_tokens), 0)::bigint as reasoning_tokens,
    max(start_ns) as last_ns,
    max(trace_id) as example_trace_id
from spans
where
    billing = 'unpriced'
    and start_ns >= $since_ns
    and trace_id in (select run.trace_id from run)
group by coalesce(model, 'unknown'), coalesce(dialect, ''), is_llm_call, simulated
order by calls desc, model, dialect, is_call, is_simulated;
