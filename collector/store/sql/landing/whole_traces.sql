-- One row per stored span of `revised_traces`, with what the parts of a trace are made of: not its content.
select * exclude (
    input_value, output_value, input_messages, output_messages, attributes, events, links, otlp
)
from spans
semi join revised_traces using (trace_id)
where start_ns between $first_ns and $last_ns;
