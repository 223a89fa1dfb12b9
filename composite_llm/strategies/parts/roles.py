"""Roles for proposers, which a moderator writes once for each task (SMoA, arXiv 2411.03284)."""

from collections.abc import Sequence

from cachetools import LRUCache

from composite_llm.engine.run import Call, Run
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parts.structured import Shape, in_shape

MOST_TASKS = 256

ROLES = Prompt(
    "roles",
    """\
{{count}} assistants will each answer requests of this kind:

{{task}}

Give each a role that makes it see something the others would miss: a profession, a temperament, a group of \
people it knows well. Write each role as a short system prompt that speaks to the assistant ("You are …"). \
Reply with JSON: {"roles": ["…", …]} with exactly {{count}} of them.""",
    ("task", "count"),
)


class Roles(Shape):
    roles: list[str]


_written: LRUCache[tuple[str, str, int], Sequence[str]] = LRUCache(MOST_TASKS)
"""By moderator, what it was told, and how many."""


async def roles_for(run: Run, moderator: str, task: str, count: int, stage_name: str) -> Sequence[str]:
    """One for each proposer. Nobody is asked where they have been written before; where they cannot be read,
    proposers have none."""
    told = run.told(ROLES, task=task, count=str(count))
    key = (moderator, told, count)
    if known := _written.get(key):
        return known
    async with run.stage("route", stage_name) as stage:
        call = Call(moderator, [{"role": "user", "content": told}], "moderator")
        found = await in_shape(stage, call, Roles)
        roles = [role.strip() for role in found.roles if role.strip()] if found else []
        if len(roles) < count:
            stage.degrade(f"{len(roles)} of {count} roles could be read; proposers without one go without")
            return [*roles, *[""] * (count - len(roles))]
    _written[key] = roles[:count]
    return _written[key]
