-- One row per user, session, tag or program (whichever `by` says) that runs carry, the dearest first; '' is for runs
-- that carry none. A run with two tags is in the rows of both.
with
carried as (
    select
        unnest(
            case
                when $by = 'tag' and length(tags) > 0 then tags
                when $by = 'user' then [coalesce(user_id, '')]
                when $by = 'session' then [coalesce(session_id, '')]
                when $by = 'program' then [coalesce(service_name, '')]
                else ['']
            end
        ) as name,
        spend_usd,
        unpriced_calls
    from runs($since_ns, $until_ns, $strategies, $origin, $mode, $tag)
),

each as (
    select
        name,
        count(*) as runs,
        sum(spend_usd) as spend_usd,
        sum(unpriced_calls)::bigint as unpriced_calls,
        avg(spend_usd) as cost_per_run_usd
    from carried
    group by name
)

-- Sums of the same amounts differ in their last digits.
select *, count(*) over () as names from each
order by round(spend_usd, 9) desc, runs desc, name
limit $most;
