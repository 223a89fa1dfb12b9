"""A graph mode on its way: each step is run when its result is first asked for, and once.

So steps that do not need each other run side by side, and a branch that is not taken costs nothing.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from composite_llm.engine.calls import Reply
from composite_llm.engine.run import Run
from composite_llm.graph.references import fields_of, needs
from composite_llm.graph.results import Result
from composite_llm.graph.steps import Step


class Performs(Protocol):
    """Runs one step; `final`: its answer is the client's."""

    def __call__(self, work: "Work", name: str, *, final: bool) -> Coroutine[Any, Any, Result]: ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Steps that know each other's names: those of the mode, or those inside a loop for one round."""

    steps: Mapping[str, Step]
    outer: "Scope | None" = None
    so_far: Mapping[str, Result] = field(default_factory=dict[str, Result])
    """By a loop's own name what it came to so far."""
    within: str = ""
    """What stands before a step's name in its stage: `quick.answer[2].`"""
    tasks: dict[str, asyncio.Task[Result]] = field(default_factory=dict[str, "asyncio.Task[Result]"])

    @property
    def visible(self) -> dict[str, Step]:
        return {**(self.outer.visible if self.outer else {}), **self.steps}

    def holder_of(self, name: str) -> "Scope":
        if name in self.so_far or name in self.steps or self.outer is None:
            return self
        return self.outer.holder_of(name)


@dataclass(frozen=True, slots=True)
class Work:
    """One scope at work."""

    run: Run
    scope: Scope
    group: asyncio.TaskGroup
    perform: Performs

    async def result(self, name: str, *, final: bool = False) -> Result:
        """What the step `name` came to; whoever asks first has it run."""
        holder = self.scope.holder_of(name)
        if name in holder.so_far:
            return holder.so_far[name]
        if name not in holder.tasks:
            work = replace(self, scope=holder)
            holder.tasks[name] = self.group.create_task(self.perform(work, name, final=final))
        return await holder.tasks[name]

    async def results(self, names: list[str]) -> dict[str, Result]:
        """Side by side."""
        found = await asyncio.gather(*(self.result(name) for name in names))
        return dict(zip(names, found, strict=True))

    async def needed_by(self, name: str) -> dict[str, Result]:
        return await self.results(needs(self.scope.steps[name], self.scope.visible))

    def inside(
        self, name: str, round_number: int, steps: Mapping[str, Step], so_far: Result | None
    ) -> "Work":
        """The steps of the loop `name`, for one round."""
        within = f"{self.scope.within}{name}[{round_number}]."
        held = {} if so_far is None else {name: so_far}
        return replace(self, scope=Scope(steps, self.scope, held, within))

    @property
    def fields(self) -> Mapping[str, Mapping[str, str]]:
        return fields_of(self.scope.visible)


async def run_steps(run: Run, steps: Mapping[str, Step], final: str, perform: Performs) -> Reply:
    """The answer of the step `final`. What fails in one step ends the others, and is raised as itself."""
    try:
        async with asyncio.TaskGroup() as group:
            work = Work(run, Scope(steps, within=f"{run.identity.strategy}."), group, perform)
            result = await work.result(final, final=True)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return result.replies[0]
