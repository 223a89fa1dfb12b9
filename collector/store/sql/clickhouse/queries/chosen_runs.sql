-- One row per run of `trace_ids` that passes the filters, the newest first, with the columns of `traces`.
-- Its own file because the other engine merges the parts of these traces.
select
    * except (start_ns, end_ns, spend_usd, priced_calls, unbilled_calls, is_running),
    1::bigint as matching,
    1::bigint as looked_at
from traces
where
    trace_id in (select unnest($trace_ids::varchar[]))
    and (length($strategies::varchar[]) = 0 or list_contains($strategies::varchar[], strategy))
    and ($origin = 'all' or simulated = ($origin = 'simulated'))
    and (
        $mode = ''
        or model_name in (concat('composite/', $mode), concat('composite/profile/', $mode))
        or starts_with(model_name, concat('composite/', $mode, '/'))
    )
    and ($tag = '' or list_contains(tags, $tag))
order by start_ns desc, trace_id;
