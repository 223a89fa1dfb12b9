-- One row per trace of a table (named by `listed`) of trace ids and starts. What is joined to the table of parts
-- itself is found without reading all of it, which a join to `traces_between` is not.
create or replace macro traces_listed(listed) as table
with
merged as materialized (select * from merged_parts()),

parts as (
    select part.*
    from trace_parts as part
    inner join query_table(listed) as wanted on part.trace_id = wanted.trace_id and part.start_ns = wanted.start_ns
    where part.settled and part.rowid not in (select unnest(merged.replaced) from merged)
    union all by name
    select * exclude (replaced) from merged
    where trace_id in (select wanted.trace_id from query_table(listed) as wanted)
)

select * from as_traces('parts');
