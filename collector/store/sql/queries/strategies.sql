-- One row per strategy that ever ran, the busiest first.
select
    strategy,
    count(*) as runs
from traces
group by strategy
order by runs desc, strategy;
