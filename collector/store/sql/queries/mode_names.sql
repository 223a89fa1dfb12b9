-- One row per strategy or profile that was ever asked for by its name. From the parts of runs as they lie, since to
-- merge them would change nothing here and cost a hundred times as much.
select distinct regexp_extract(request.model_name, '^composite/(?:profile/)?([^/]+)', 1) as mode
from trace_parts
where request.model_name like 'composite/_%'
order by mode;
