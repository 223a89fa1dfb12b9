-- One row per trace of `trace_ids` that was there at `as_of_ns`: where it started, as far as was known then.
-- The bounds hold every span of these traces.
select
    trace_id,
    min(start_ns) as start_ns
from spans
where
    trace_id in (select unnest($trace_ids::varchar[]))
    and start_ns between $first_ns and $last_ns
    and coalesce(landed_ns, 0) <= $as_of_ns
group by trace_id
order by trace_id;
