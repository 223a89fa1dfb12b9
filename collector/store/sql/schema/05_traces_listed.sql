-- One row per trace of a table (named by `listed`) of traces and their starts, all in [since_ns, last_ns]. What is
-- joined to the table of parts itself is found without reading all of it, which a join to `traces_between` is not;
-- the bounds do the same where the table is empty. Only the waiting parts of these traces are merged.
create or replace macro traces_listed(listed, since_ns, last_ns) as table
with
waiting as materialized (
    select * from trace_parts
    where not settled and trace_id in (select wanted.trace_id from query_table(listed) as wanted)
),

parts as (
    select part.*
    from trace_parts as part
    inner join query_table(listed) as wanted on part.trace_id = wanted.trace_id and part.start_ns = wanted.start_ns
    where
        part.settled
        and part.start_ns >= since_ns
        and part.start_ns <= last_ns
        and part.trace_id not in (select waiting.trace_id from waiting)
    union all by name
    select * exclude (replaced) from merged_anew('waiting')
)

select * from as_traces('parts');
