-- One row per trace of a table (named by `waiting`) of parts that nobody merged yet: all its parts in one. Settled
-- parts of such a trace are rare, so their places are looked for by one column: reading all columns of the whole
-- table is slow.
create or replace macro merged_anew(waiting) as table
with
reopened as materialized (
    select rowid as place from trace_parts
    where settled and trace_id in (select unmerged.trace_id from query_table(waiting) as unmerged)
),

part as (
    select *, null::bigint as place from query_table(waiting)
    union all by name
    select *, rowid as place from trace_parts
    where rowid in (select reopened.place from reopened)
)

select * from merged('part');
