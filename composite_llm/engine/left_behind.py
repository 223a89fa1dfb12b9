"""Calls nobody waits for, and the stages they belong to.

They may go on until the request ends, since they are probably billed either way, and then what they used is known.
"""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from composite_llm.engine.collection import cancel

if TYPE_CHECKING:
    from composite_llm.engine.stage import Stage


@dataclass(slots=True)
class LeftBehind:
    calls: list[asyncio.Task[Any]] = field(default_factory=list[asyncio.Task[Any]])
    stages: "list[tuple[Stage, int]]" = field(default_factory=list[Any])
    """Those that left calls behind, and when they were over: their sums are not known yet."""

    async def end(self) -> None:
        try:
            await cancel(self.calls)
        finally:
            for stage, moment in self.stages:
                stage.end(moment)
