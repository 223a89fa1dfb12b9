-- One row per trace that starts in [since_ns, until_ns). Empty `chosen_strategies` means all of them;
-- `origin` is all, real or simulated.
create or replace macro runs(since_ns, until_ns, chosen_strategies, origin) as table
select *
from traces_between(since_ns, until_ns - 1)
where
    (len(chosen_strategies::varchar[]) = 0 or list_contains(chosen_strategies::varchar[], strategy))
    and (origin = 'all' or simulated = (origin = 'simulated'));
