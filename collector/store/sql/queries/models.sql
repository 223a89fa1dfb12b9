-- One row per model that was ever called, the busiest first.
select
    coalesce(used.model, 'unknown') as model,
    sum(used.calls)::bigint as calls
from (select unnest(by_model) as used from trace_parts)
group by used.model
order by calls desc, model;
