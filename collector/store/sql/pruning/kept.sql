-- One row: when the earliest trace starts of those that ended after $last_ns.
select min(start_ns) as oldest_kept_ns
from
    (
        select min(start_ns) as start_ns
        from trace_parts
        group by trace_id
        having max(end_ns) > $last_ns
    );
