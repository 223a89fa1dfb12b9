-- One row per trace of these that usage of another instrumentation is in: between what moments its spans
-- start.
select trace_id, min(start_ns) as first_ns, max(last_ns) as last_ns
from trace_bounds
where trace_id in {trace_ids:Array(String)}
group by trace_id
having max(has_foreign)
