-- One row per portion of about $portion_spans spans: the traces in it, of those that go because they ended at
-- $last_ns at the latest. The earliest first.
select list(trace_id) as trace_ids
from
    (
        select
            trace_id,
            sum(spans) over (order by end_ns, trace_id rows unbounded preceding) // $portion_spans as portion
        from
            (
                select trace_id, max(end_ns) as end_ns, sum(spans) as spans
                from trace_parts
                group by trace_id
                having max(end_ns) <= $last_ns
            )
    )
group by portion
order by portion;
