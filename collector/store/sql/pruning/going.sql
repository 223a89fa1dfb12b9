-- One row per trace of the portion that no span has come for since the plan was made, with its bounds in
-- time.
select trace_id, min(start_ns) as start_ns, max(end_ns) as end_ns
from trace_parts
semi join portion using (trace_id)
group by trace_id
having max(end_ns) <= $last_ns;
