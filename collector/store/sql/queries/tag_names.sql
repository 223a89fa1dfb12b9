-- One row per tag, a thousand at most.
select distinct tag
from (select unnest(tags) as tag from trace_parts)
order by tag
limit 1000;
