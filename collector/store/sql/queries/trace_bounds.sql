-- One row about one trace: when its first span starts and its last one ends; none if it is not known.
select
    min(start_ns) as first_ns,
    max(end_ns) as last_ns
from trace_parts
where trace_id = $trace_id
group by trace_id;
