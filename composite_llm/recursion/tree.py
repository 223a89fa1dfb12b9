"""What all nodes of one recursive run share: how many calls are left, how many run at once, what has been seen."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from composite_llm.engine.own_thread import on_own_thread
from composite_llm.engine.run import Run
from composite_llm.recursion.coverage import Coverage
from composite_llm.recursion.turns import Interface
from composite_llm.sandbox import Sandbox

if TYPE_CHECKING:
    from composite_llm.recursion.node import Node
    from composite_llm.strategies.rlm import Parameters

Below = Callable[["Node"], Awaitable[str | None]]
"""How a node below the root comes to its answer; None where it comes to none."""

FAILED = "[sub-call failed]"
"""What the result of a failed sub-call begins with."""


_QUICKLY_FOUND = 20_000
"""Characters. Of a longer text the loop, which others wait on, is not kept."""


@dataclass(slots=True)
class Tree:
    run: Run
    settings: "Parameters"
    coverage: Coverage
    """Of the root's context."""
    below: "Below"
    """The strategy's algorithm, for a call that recurses."""
    interface: Interface
    sandbox: Sandbox
    calls_left: int
    """Below the root: sub-calls and the turns of deeper nodes. Taken before a call is made, so that calls side by
    side cannot take one twice."""
    sub_model: str
    deepest: int = 0
    leaves: asyncio.Semaphore = field(init=False)
    """Sub-calls at once, in the whole tree. They wait for nobody, so this cannot lock up."""
    _children: dict[int, asyncio.Semaphore] = field(default_factory=dict[int, asyncio.Semaphore])

    def __post_init__(self) -> None:
        self.leaves = asyncio.Semaphore(self.settings.concurrency)

    def children(self, depth: int) -> asyncio.Semaphore:
        """Nodes of this depth at once. Each depth has its own: nodes wait for deeper ones, never the other way."""
        return self._children.setdefault(depth, asyncio.Semaphore(self.settings.child_concurrency))

    async def saw(self, text: str) -> None:
        """That a model has read `text`: part of the root's context may stand in it."""
        if len(text) <= _QUICKLY_FOUND:
            found = self.coverage.find(text)
        else:
            found = await on_own_thread(lambda: self.coverage.find(text))
        self.coverage.see(found)

    def take_call(self) -> bool:
        """False where none is left."""
        if self.calls_left <= 0:
            return False
        self.calls_left -= 1
        return True
