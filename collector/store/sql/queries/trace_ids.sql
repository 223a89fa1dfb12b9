-- One row per trace whose id begins as given, the newest first; the first ten of them.
-- A range and not a prefix function: `g` comes after every hex digit.
select trace_id, min(start_ns) as start_ns
from trace_parts
where trace_id >= $trace_id and trace_id < $trace_id || 'g'
group by trace_id
order by start_ns desc, trace_id
limit 10;
