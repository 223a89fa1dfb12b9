-- One row per span of `span_ids` in one trace: its attributes, and its texts as far as they are to be read. Messages
-- are JSON, which is worth nothing when cut: where they are too long the plain text beside them is taken.
with asked as (
    select
        span_id,
        start_ns,
        attributes::varchar as attributes,
        if(
            length(input_messages) <= $most_input or input_value is null, input_messages, input_value
        ) as given,
        if(
            length(output_messages) <= $most_output or output_value is null, output_messages, output_value
        ) as answered,
        input_value,
        output_value
    from spans
    where
        trace_id = $trace_id
        and start_ns between $first_ns and $last_ns
        and span_id in (select unnest($span_ids::varchar[]))
),

texts as (
    select
        * exclude (given, answered, input_value, output_value),
        coalesce(given, input_value) as given,
        coalesce(answered, output_value) as answered
    from asked
)

select
    span_id,
    attributes,
    substr(given, 1, $most_input) as input_text,
    length(given) as input_chars,
    substr(answered, 1, $most_output) as output_text,
    length(answered) as output_chars
from texts
order by start_ns, span_id;
