"""In which stage a tool runs: a composite that it asks is booked there, under whose span it stands."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from composite_llm.engine.run import Run
    from composite_llm.engine.stage import Stage

_stage: ContextVar["Stage | None"] = ContextVar("composite_llm_tool_stage", default=None)


@contextmanager
def running_in(stage: "Stage") -> Generator[None]:
    """For the code of a tool, also where it goes on in a thread of its own."""
    token = _stage.set(stage)
    try:
        yield
    finally:
        _stage.reset(token)


def tool_stage(run: "Run") -> "Stage | None":
    """The stage of `run` in which this code runs; None where it is no tool's."""
    stage = _stage.get()
    return stage if stage is not None and stage.run is run else None
