-- One row per trace with a span that starts in the window and says `text`, in any case, in its input or output;
-- the latest such span first. `after_id` leaves out those of the last moment that were told before.
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
group by trace_id having max(start_ns) < $until_ns - 1 or trace_id > $after_id
order by start_ns desc, trace_id
limit $most;
