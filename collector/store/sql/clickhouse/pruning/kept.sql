-- One row: when the earliest trace starts of those that are kept, and how many spans there are in all.
select
    minIf(start_ns, end_ns > {last_ns:Int64}) as oldest_kept_ns,
    toInt64(sum(spans)) as spans
from traces
