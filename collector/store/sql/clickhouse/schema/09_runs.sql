-- One row per trace that starts in [since_ns, until_ns). Empty `chosen_strategies` means all of them, so does an empty
-- `mode` or `tag`; `origin` is all, real or simulated.
create or replace view runs as
select *
from traces_between(since_ns = {since_ns:Int64}, last_ns = {until_ns:Int64} - 1)
where
    (empty({chosen_strategies:Array(String)}) or has({chosen_strategies:Array(String)}, strategy))
    and ({origin:String} = 'all' or simulated = ({origin:String} = 'simulated'))
    and (
        {mode:String} = ''
        or model_name in (concat('composite/', {mode:String}), concat('composite/profile/', {mode:String}))
        or startsWith(ifNull(model_name, ''), concat('composite/', {mode:String}, '/'))
    )
    and ({tag:String} = '' or has(tags, {tag:String}));
