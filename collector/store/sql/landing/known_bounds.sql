-- One row: between what moments lies what is stored of the batch's traces near it; nulls if nothing is.
select
    greatest(min(start_ns), $earliest_ns) as first_ns,
    least(max(end_ns), $latest_ns) as last_ns
from trace_parts
semi join batch using (trace_id)
where end_ns >= $earliest_ns and start_ns <= $latest_ns;
