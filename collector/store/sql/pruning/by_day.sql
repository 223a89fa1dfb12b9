-- One row per day on which traces ended that go because they ended at $last_ns at the latest.
select strftime(make_timestamp(end_ns // 1000), '%Y-%m-%d') as day, count(*) as traces, sum(spans)::bigint as spans
from
    (
        select max(end_ns) as end_ns, sum(spans) as spans
        from trace_parts
        group by trace_id
        having max(end_ns) <= $last_ns
    )
group by day
order by day;
