-- One row per span of `span_ids` in one trace: its attributes, and its texts as far as they are to be read. Messages
-- are JSON, which is worth nothing when cut: where they are too long the plain text beside them is taken.
with asked as (
    select
        span_id,
        start_ns,
        attributes::varchar as told,
        case
            when input_messages is null then input_value
            when input_value is not null and substr(input_messages, $most_input + 1, 1) != '' then input_value
            else input_messages
        end as given,
        case
            when output_messages is null then output_value
            when output_value is not null and substr(output_messages, $most_output + 1, 1) != '' then output_value
            else output_messages
        end as answered
    from spans
    where
        trace_id = $trace_id
        and start_ns between $first_ns and $last_ns
        and span_id in (select unnest($span_ids::varchar[]))
)

select
    span_id,
    told as attributes,
    substr(given, 1, $most_input) as input_text,
    char_length(given) as input_chars,
    substr(answered, 1, $most_output) as output_text,
    char_length(answered) as output_chars
from asked
order by start_ns, span_id;
