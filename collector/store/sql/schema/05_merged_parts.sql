-- One row per trace that has parts nobody merged yet: all its parts in one. Settled parts of such a trace are
-- rare, so their places are looked for by one column: reading all columns of the whole table is slow.
create or replace macro merged_parts() as table
with
waiting as materialized (select * from trace_parts where not settled),

reopened as materialized (
    select rowid as place from trace_parts
    where settled and trace_id in (select waiting.trace_id from waiting)
),

part as (
    select *, null::bigint as place from waiting
    union all by name
    select *, rowid as place from trace_parts
    where rowid in (select reopened.place from reopened)
)

select * from merged('part');
