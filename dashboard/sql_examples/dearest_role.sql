-- The dearest role of each strategy
select strategy, role, calls, usd, share_of_strategy
from (
    select
        strategy,
        coalesce(role, 'call') as role,
        count(*) as calls,
        sum(cost_usd) as usd,
        sum(cost_usd) / nullif(sum(sum(cost_usd)) over (partition by strategy), 0) as share_of_strategy,
        row_number() over (partition by strategy order by sum(cost_usd) desc nulls last, role) as place
    from spans
    where is_llm_call and start_ns >= $since_ns and start_ns < $until_ns
    group by strategy, role
) as roles
where place = 1
order by usd desc nulls last
