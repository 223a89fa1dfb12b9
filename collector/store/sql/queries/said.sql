-- One row per trace of `trace_ids`: the latest of its spans that starts in the window and says `text`, and what
-- stands around it. The places are found first, so that no other texts are read.
with saying as (
    select
        trace_id,
        span_id,
        name,
        start_ns,
        case
            when contains(lower(output_value), lower($text)) then output_value
            when contains(lower(input_value), lower($text)) then input_value
            when contains(lower(output_messages), lower($text)) then output_messages
            when contains(lower(input_messages), lower($text)) then input_messages
        end as words
    from spans
    where
        rowid in (
            select span.rowid from spans as span
            where
                span.trace_id in (select unnest($trace_ids::varchar[]))
                and span.start_ns >= $since_ns
                and span.start_ns < $until_ns
        )
)

select
    trace_id,
    span_id,
    name as span_name,
    start_ns,
    substr(words, greatest(1, strpos(lower(words), lower($text)) - 60), 240) as excerpt
from saying
where words is not null
qualify row_number() over (partition by trace_id order by start_ns desc, span_id) = 1
order by start_ns desc, trace_id;
