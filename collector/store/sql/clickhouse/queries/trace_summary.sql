-- One row about one trace, with the columns of `traces`; none if it is not known.
-- Its own file because the other engine merges the parts of this one trace.
select
    * except (start_ns, end_ns, spend_usd, priced_calls, unbilled_calls, is_running),
    1::bigint as matching,
    1::bigint as looked_at
from traces
where trace_id = $trace_id;
