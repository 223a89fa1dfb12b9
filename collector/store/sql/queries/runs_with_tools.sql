-- One row per run of `trace_ids` in which a tool ran, or to which the client gave tools. All spans start between the
-- bounds.
select distinct trace_id
from spans
where
    trace_id in (select unnest($trace_ids::varchar[]))
    and start_ns between $first_ns and $last_ns
    and (
        span_type = 'tool'
        or (span_type = 'request' and contains(attributes::varchar, '"composite.tool.policy"'))
    )
order by trace_id;
