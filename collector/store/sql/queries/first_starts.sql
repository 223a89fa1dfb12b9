-- One row per trace of `trace_ids` and moment at which spans of it landed until `as_of_ns`: where the first of
-- these starts. The bounds hold every span of these traces.
select
    trace_id,
    coalesce(landed_ns, 0) as landed_ns,
    min(start_ns) as start_ns
from spans
where
    trace_id in (select unnest($trace_ids::varchar[]))
    and start_ns between $first_ns and $last_ns
    and coalesce(landed_ns, 0) <= $as_of_ns
group by all
order by all;
