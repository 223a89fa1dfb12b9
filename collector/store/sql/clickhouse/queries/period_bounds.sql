-- One row: between which moments all spans of the traces start of which some start in the window. Its own file
-- because the table of bounds is small here, and a look at whole traces reads every span.
select
    min(first) as first_ns,
    max(last) as last_ns
from
    (
        select
            toNullable(min(start_ns)) as first,
            toNullable(max(last_ns)) as last
        from trace_bounds
        group by trace_id
        having first < $until_ns and last >= $since_ns
    );
