-- One row per trace with a span that starts in the window and says `text`, in any case, in its input or output;
-- the latest such span first.
select
    trace_id,
    max(start_ns) as start_ns
from spans
where
    start_ns >= $since_ns
    and start_ns < $until_ns
    and (
        contains(lower(input_value), lower($text))
        or contains(lower(output_value), lower($text))
        or contains(lower(input_messages), lower($text))
        or contains(lower(output_messages), lower($text))
    )
group by trace_id
order by start_ns desc, trace_id
limit $most;
