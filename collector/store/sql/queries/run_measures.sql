-- One row per measure of runs (`cost_usd`, `latency_ms`, `tokens`, `calls`): how it is spread. A run whose cost
-- is not known whole is not in the first, which `runs` tells. The median lies between `median_least` and `median_most`
-- with 97.5 % certainty, whatever the distribution: these are the runs at places (n ∓ 2.2414 √n) / 2 (the sign test's
-- interval, by the normal approximation of the binomial); null where there are too few. Of more than 5,000 runs, which
-- would take seconds to put in order, it is between these places of 5,000, which is wider.
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

few as (
    select measure, list_sort(list(value)) as sorted
    from measured
    where (select count(*) from run) <= 5000
    group by measure
),

-- All at once, which takes half the time of one after the other.
spread as (
    select
        measure,
        count(*) as runs,
        avg(value) as mean,
        min(value) as least,
        quantile_cont(value, [0.05, 0.25, 0.48415, 0.5, 0.51585, 0.75, 0.95]) as shares,
        max(value) as most,
        floor((count(*) - 2.2414 * sqrt(count(*))) / 2)::bigint as rank
    from measured
    group by measure
)

select
    spread.measure,
    spread.runs,
    spread.mean,
    spread.least,
    shares[1] as p05,
    shares[2] as p25,
    shares[4] as p50,
    shares[6] as p75,
    shares[7] as p95,
    spread.most,
    case when few.sorted is null then shares[3] when rank >= 1 then few.sorted[rank] end as median_least,
    case when few.sorted is null then shares[5] when rank >= 1 then few.sorted[runs + 1 - rank] end as median_most
from spread
left join few on spread.measure = few.measure
order by spread.measure;
