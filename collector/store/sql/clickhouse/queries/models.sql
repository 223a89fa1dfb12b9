-- One row per model that was ever called, the busiest first. Counted over the spans: what DuckDB keeps beside
-- them for this, copies of a span would spoil here.
select
    coalesce(model, 'unknown') as model,
    count(*) as calls
from spans
where is_llm_call
group by all
order by calls desc, model;
