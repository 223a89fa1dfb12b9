-- One row per trace that starts in [since_ns, until_ns). Empty `chosen_strategies` means all of them, so does an empty
-- `mode` or `tag`; `origin` is all, real or simulated. A mode is what was asked for by name: `moa` of
-- composite/moa/openai/gpt-4o, `quick` of composite/quick and composite/profile/quick.
create or replace macro runs(since_ns, until_ns, chosen_strategies, origin, mode, tag) as table
select *
from traces_between(since_ns, until_ns - 1)
where
    (len(chosen_strategies::varchar[]) = 0 or list_contains(chosen_strategies::varchar[], strategy))
    and (origin = 'all' or simulated = (origin = 'simulated'))
    and (
        mode = ''
        or model_name in (concat('composite/', mode), concat('composite/profile/', mode))
        or starts_with(model_name, concat('composite/', mode, '/'))
    )
    and (tag = '' or list_contains(tags, tag));
