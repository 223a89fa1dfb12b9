-- One row per day on which traces ended that go because they ended at $last_ns at the latest.
select
    toString(toDate32(fromUnixTimestamp64Nano(end_ns, 'UTC'))) as day,
    toInt64(count()) as traces,
    toInt64(sum(spans)) as spans
from traces
where end_ns <= {last_ns:Int64}
group by day
order by day
