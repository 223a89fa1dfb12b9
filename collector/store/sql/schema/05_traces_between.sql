-- One row per trace that starts in [since_ns, last_ns], as `as_traces` tells it.
create or replace macro traces_between(since_ns, last_ns) as table
with
merged as materialized (select * from merged_parts()),

parts as (
    select * from trace_parts
    where settled and rowid not in (select unnest(merged.replaced) from merged)
    union all by name
    select * exclude (replaced) from merged
)

select * from as_traces('parts')
where start_ns >= since_ns and start_ns <= last_ns;
