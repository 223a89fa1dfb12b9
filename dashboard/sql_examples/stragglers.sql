-- Stragglers: stages that waited longest for their last call
select
    trace_id,
    stage,
    calls,
    (last_end - second_end) / 1e6 as waited_ms,
    model as last_model
from (
    select
        stage.trace_id as trace_id,
        stage.name as stage,
        call.model as model,
        call.start_ns + call.duration_ns as last_end,
        max(call.start_ns + call.duration_ns) over (
            partition by stage.trace_id, stage.span_id
            order by call.start_ns + call.duration_ns
            rows between 1 preceding and 1 preceding
        ) as second_end,
        count(*) over (partition by stage.trace_id, stage.span_id) as calls,
        row_number() over (
            partition by stage.trace_id, stage.span_id order by call.start_ns + call.duration_ns desc
        ) as place
    from spans as stage
    inner join spans as call on call.trace_id = stage.trace_id and call.parent_span_id = stage.span_id
    where
        stage.span_type = 'stage'
        and call.is_llm_call
        and stage.start_ns >= $since_ns and stage.start_ns < $until_ns
) as ends
where place = 1 and calls > 1
order by waited_ms desc
limit 50
