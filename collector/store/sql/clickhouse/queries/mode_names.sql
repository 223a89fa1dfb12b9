-- One row per strategy or profile that was ever asked for by its name.
-- Its own file because the other engine reads the parts of runs.
select distinct regexp_extract(model_name, '^composite/(?:profile/)?([^/]+)', 1) as mode
from traces
where model_name like 'composite/_%'
order by mode;
