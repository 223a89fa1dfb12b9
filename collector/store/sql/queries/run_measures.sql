-- One row per measure of runs (`cost_usd`, `latency_ms`, `tokens`, `calls`): how it is spread. A run whose cost
-- is not known whole is not in the first, which `runs` tells. The median lies between `median_least` and `median_most`
-- with 97.5 % certainty, whatever the distribution: these are the runs at places (n ∓ 2.24 √n) / 2 (the sign test's
-- interval, by the normal approximation of the binomial); null where there are too few.
with
run as (
    select spend_usd, latency_ms, input_tokens + output_tokens as tokens, calls, unpriced_calls
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
),

measured as (
    select 'cost_usd' as measure, spend_usd as value from run where unpriced_calls = 0
    union all
    select 'latency_ms' as measure, latency_ms as value from run
    union all
    select 'tokens' as measure, tokens::double as value from run
    union all
    select 'calls' as measure, calls::double as value from run
),

placed as (
    select
        measure,
        value,
        row_number() over (partition by measure order by value) as place,
        count(*) over (partition by measure) as runs
    from measured
),

bounded as (
    select *, floor((runs - 2.2414 * sqrt(runs)) / 2) as rank from placed
)

select
    measure,
    count(*) as runs,
    avg(value) as mean,
    min(value) as least,
    quantile_cont(value, 0.05) as p05,
    quantile_cont(value, 0.25) as p25,
    quantile_cont(value, 0.5) as p50,
    quantile_cont(value, 0.75) as p75,
    quantile_cont(value, 0.95) as p95,
    max(value) as most,
    max(case when place = rank then value end) as median_least,
    max(case when rank >= 1 and place = runs + 1 - rank then value end) as median_most
from bounded
group by measure
order by measure;
