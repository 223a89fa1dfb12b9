-- One row per bar that is not empty, of the histograms of runs, one a measure (`cost_usd`, `latency_ms`,
-- `tokens`, `calls`): its bounds, and runs in [low, high), in the last one in [low, high]. Bars are 24 at most and
-- equally wide; on a logarithm's scale (`is_log`) where the most is fifty times the least or more. Those of whole numbers
-- are at least 1 wide. A run whose cost is not known whole is not in the first.
with
run as (
    select spend_usd, latency_ms, input_tokens + output_tokens as tokens, calls, unpriced_calls
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
),

measured as (
    select 'cost_usd' as measure, 0.0 as narrowest, spend_usd as value from run where unpriced_calls = 0
    union all
    select 'latency_ms' as measure, 0.0 as narrowest, latency_ms as value from run
    union all
    select 'tokens' as measure, 1.0 as narrowest, tokens::double as value from run
    union all
    select 'calls' as measure, 1.0 as narrowest, calls::double as value from run
),

spread as (
    select measure, max(narrowest) as narrowest, min(value) as least, max(value) as most
    from measured
    group by measure
),

scale as (
    select
        measure,
        (least > 0 and most >= 50 * least and narrowest = 0)::boolean as is_log,
        narrowest,
        least,
        most
    from spread
),

ruler as (
    select
        measure,
        is_log,
        if(is_log, log10(least), least) as origin,
        greatest(
            (if(is_log, log10(most), most) - if(is_log, log10(least), least)) / 24,
            narrowest
        ) as width
    from scale
),

binned as (
    select
        measured.measure as measure,
        ruler.is_log as is_log,
        ruler.origin as origin,
        ruler.width as width,
        case
            when ruler.width = 0 then 0
            else least(
                24 - 1,
                floor((if(ruler.is_log, log10(measured.value), measured.value) - ruler.origin) / ruler.width)
            )
        end::bigint as bin
    from measured
    inner join ruler on measured.measure = ruler.measure
)

select
    measure,
    is_log,
    bin,
    if(is_log, pow(10, origin + width * bin), origin + width * bin) as low,
    if(is_log, pow(10, origin + width * (bin + 1)), origin + width * (bin + 1)) as high,
    count(*) as runs
from binned
group by measure, is_log, bin, origin, width
order by measure, bin;
