-- A newer version of each of these spans, which differs in what is decided about its usage.
insert into spans
select
    * replace (
        {counts:Bool} as is_llm_call,
        {rule:Nullable(String)} as usage_rule,
        {billing:Nullable(String)} as billing,
        {revision:UInt32} as revision
    )
from spans final
where
    trace_id in {trace_ids:Array(String)}
    and start_ns >= {first_ns:Int64} and start_ns <= {last_ns:Int64}
    and (trace_id || span_id) in {keys:Array(String)}
