-- One row per trace of the fresh spans in which usage of others arrives, or is stored already.
select trace_id from fresh_usage
where
    dialect <> 'composite'
    and (is_llm_call or input_tokens is not null or output_tokens is not null or cost_usd is not null)
union
select trace_id from fresh_usage
semi join foreign_traces using (trace_id);
