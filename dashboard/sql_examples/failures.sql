-- What fails, by model and kind of error
select
    model,
    error_type,
    count(*) as failed_calls,
    count(distinct trace_id) as runs,
    max(trace_id) as trace_id
from spans
where is_llm_call and status_code = 2 and start_ns >= $since_ns and start_ns < $until_ns
group by model, error_type
order by failed_calls desc, model
