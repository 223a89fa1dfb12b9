-- One row per trace that starts in [since_ns, until_ns). Empty `chosen_strategies` means all of them;
-- `origin` is all, real or simulated.
-- A trace that starts in the window has a part that does; looking for those parts first spares adding up
-- the whole history.
create or replace macro runs(since_ns, until_ns, chosen_strategies, origin) as table
select *
from traces
where
    trace_id in (
        select part.trace_id from trace_parts as part
        where part.start_ns >= since_ns and part.start_ns < until_ns
    )
    and start_ns >= since_ns
    and (len(chosen_strategies::varchar[]) = 0 or list_contains(chosen_strategies::varchar[], strategy))
    and (origin = 'all' or simulated = (origin = 'simulated'));
