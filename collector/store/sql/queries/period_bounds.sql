-- One row: between which moments all spans lie of the traces that are under way in the window; all parts of
-- those traces, also of those that nobody merged yet.
select
    min(start_ns) as first_ns,
    max(end_ns) as last_ns
from trace_parts
where
    (start_ns < $until_ns and end_ns >= $since_ns)
    or trace_id in (
        select part.trace_id from trace_parts as part
        where not part.settled and part.start_ns < $until_ns and part.end_ns >= $since_ns
    );
