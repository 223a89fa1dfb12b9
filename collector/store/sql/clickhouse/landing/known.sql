-- One row per span of these traces that is stored already and starts within the bounds.
select trace_id, span_id
from spans
where start_ns >= {first_ns:Int64} and start_ns <= {last_ns:Int64} and trace_id in {trace_ids:Array(String)}
