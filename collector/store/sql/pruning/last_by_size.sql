-- One row: when the last of the traces ended that have to go until $excess_spans spans are gone.
select max(end_ns) as last_ns
from
    (
        select end_ns, sum(spans) over (order by end_ns, trace_id rows unbounded preceding) - spans as gone_before
        from
            (
                select trace_id, max(end_ns) as end_ns, sum(spans) as spans
                from trace_parts
                group by trace_id
            )
    )
where gone_before < $excess_spans;
