-- One row: how many spans start in the window, and when the first and the last of them do.
select
    count(*) as spans,
    min(start_ns) as first_ns,
    max(start_ns) as last_ns
from spans
where start_ns >= $since_ns and start_ns < $until_ns;
