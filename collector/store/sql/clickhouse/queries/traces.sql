-- One row per run that passes the filters, in the order of `sort`, among equals the newest first; matching counts them
-- on all pages together.
-- cost_usd is null where calls were made and no price is known. In one pass: what DuckDB reads twice from its
-- roll-up is added up from the spans here.
select
    * except (start_ns, end_ns, spend_usd, priced_calls, unbilled_calls, is_running),
    count(*) over () as matching,
    count(*) over () as looked_at
from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
where
    (
        $text = ''
        or contains(lower(question), lower($text))
        or contains(lower(model_name), lower($text))
        or starts_with(trace_id, lower($text))
    )
    and ($model = '' or list_contains(models, $model))
    and (not $errors_only or errors > 0)
    and spend_usd >= $min_cost_usd
    and latency_ms >= $min_latency_ms
    and ($status = '' or status = $status)
    and ($session_id = '' or session_id = $session_id)
    and ($user_id = '' or user_id = $user_id)
    and ($attribute_count = 0 or trace_id in (select trace_id from traces_carrying($attributes, $since_ns)))
    and (start_ns < $before_ns or (start_ns = $before_ns and trace_id > $after_id))
order by
    case $sort
        when 'cost' then spend_usd
        when 'latency' then latency_ms
        when 'calls' then toFloat64(calls)
        when 'tokens' then toFloat64(input_tokens + output_tokens)
        else 0.
    end desc,
    start_ns desc,
    trace_id
limit $page_size offset $page_offset;
