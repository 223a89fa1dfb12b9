-- One row per trace that starts in [since_ns, until_ns). Empty `chosen_strategies` means all of them;
-- `origin` is all, real or simulated.
create or replace view runs as
select *
from traces_between(since_ns = {since_ns:Int64}, last_ns = {until_ns:Int64} - 1)
where
    (empty({chosen_strategies:Array(String)}) or has({chosen_strategies:Array(String)}, strategy))
    and ({origin:String} = 'all' or simulated = ({origin:String} = 'simulated'));
