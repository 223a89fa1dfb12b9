-- One row: when the last of the traces ended that have to go so that at least $excess_spans spans do.
select min(end_ns) as last_ns
from
    (
        select end_ns, sum(spans) over (order by end_ns, trace_id) as going
        from traces
    )
where {excess_spans:Float64} > 0 and going >= {excess_spans:Float64}
