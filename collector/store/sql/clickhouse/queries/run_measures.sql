-- One row per measure of runs (`cost_usd`, `latency_ms`, `tokens`, `calls`): how it is spread. Its own file because this
-- engine takes the shares of a quantile as constants, one at a time.
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
    if(
        max(runs) > 5000, quantile_cont(value, 0.48415), max(case when place = rank then value end)
    ) as median_least,
    if(
        max(runs) > 5000,
        quantile_cont(value, 0.51585),
        max(case when rank >= 1 and place = runs + 1 - rank then value end)
    ) as median_most
from bounded
group by measure
order by measure;
