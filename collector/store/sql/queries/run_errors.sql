-- One row per kind of error in `trace_ids`, the most frequent first, ten at most: what failed, how, in how many runs, and
-- the latest example. All spans start between the bounds.
with failed as (
    select
        trace_id,
        span_id,
        start_ns,
        coalesce(error_type, 'error') as error_type,
        coalesce(role, stage_name, name) as failed,
        coalesce(model, '') as model
    from spans
    where
        trace_id in (select unnest($trace_ids::varchar[]))
        and start_ns between $first_ns and $last_ns
        and status_code = 2
)

select
    error_type,
    failed,
    model,
    count(*) as spans,
    count(distinct trace_id) as runs,
    max(start_ns) as last_ns,
    arg_max(trace_id, start_ns) as trace_id,
    arg_max(span_id, start_ns) as span_id
from failed
group by error_type, failed, model
order by spans desc, error_type, failed, model
limit 10;
