-- Who spends it: cost by user
select
    coalesce(user_id, 'nobody named') as user_id,
    count(*) as runs,
    sum(cost_usd) as usd,
    sum(unpriced_calls) as calls_without_price
from traces
where start_ns >= $since_ns and start_ns < $until_ns
group by user_id
order by usd desc nulls last
