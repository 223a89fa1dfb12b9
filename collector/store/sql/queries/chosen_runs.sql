-- One row per run of `trace_ids` that passes the filters, the newest first, with the columns of `traces`. The places
-- are found by one column: reading all columns of all parts beside it takes five times as long.
with
part as (
    select *, null::bigint as place from trace_parts
    where
        rowid in (
            select part.rowid from trace_parts as part
            where part.trace_id in (select unnest($trace_ids::varchar[]))
        )
),

whole as (select * exclude (replaced) from merged('part'))

select
    * exclude (start_ns, end_ns, spend_usd, priced_calls, unbilled_calls, by_model, is_running),
    1::bigint as matching,
    1::bigint as looked_at
from as_traces('whole')
where
    (len($strategies::varchar[]) = 0 or list_contains($strategies::varchar[], strategy))
    and ($origin = 'all' or simulated = ($origin = 'simulated'))
    and (
        $mode = ''
        or model_name in (concat('composite/', $mode), concat('composite/profile/', $mode))
        or starts_with(model_name, concat('composite/', $mode, '/'))
    )
    and ($tag = '' or list_contains(tags, $tag))
order by start_ns desc, trace_id;
