-- One row about one trace, with the columns of `traces`; none if it is not known.
with
part as (select *, null::bigint as place from trace_parts where trace_id = $trace_id),

whole as (select * exclude (replaced) from merged('part'))

select
    * exclude (start_ns, end_ns, spend_usd, priced_calls, unbilled_calls, by_model, is_running),
    1::bigint as matching,
    1::bigint as looked_at
from as_traces('whole');
