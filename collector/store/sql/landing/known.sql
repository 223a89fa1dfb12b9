-- One row per span of the batch that is stored already. The bounds keep the look at the table as short as
-- the batch is in time.
select spans.trace_id, spans.span_id
from spans
semi join batch on spans.trace_id = batch.trace_id and spans.span_id = batch.span_id
where spans.start_ns between $first_ns and $last_ns;
