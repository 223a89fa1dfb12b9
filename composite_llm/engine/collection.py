"""Waiting for calls that run side by side: for all of them, or for as many as are enough."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from composite_llm.engine.calls import Reply
from composite_llm.errors import CallFailed

if TYPE_CHECKING:
    from composite_llm.tools.loop import Asking

Outcome = Reply | CallFailed
Tasks = Sequence[asyncio.Task[Outcome]]

SHARE_TO_ANSWER = 0.98


@dataclass(frozen=True, slots=True)
class Patience:
    """When to stop waiting."""

    quorum: int
    """So many answers are enough; the others have `grace_s` more."""
    grace_s: float
    part_ends: float
    """Moment of `time.monotonic()` after which `needed` answers are enough, so that time is left for the rest."""
    needed: int
    settled: Callable[[Sequence[Reply]], bool] | None = None
    """Whether more answers would change nothing."""


async def enough_of(tasks: Tasks, patience: Patience) -> None:
    """Wait until `patience` is over or all are done; what has not ended then is left running.

    When a task has a bug, or this is cancelled, all of them are cancelled and have ended before that
    is raised.
    """
    try:
        await _wait(tasks, patience)
    except BaseException:  # also where this is cancelled: nobody would wait for them any more
        await cancel(tasks)
        raise


async def in_time(asked: "Asking", seconds: float) -> Outcome:
    """What the call comes to in all but the last of these seconds, which are left to give another answer out."""
    limit = asyncio.timeout(seconds * SHARE_TO_ANSWER)
    try:
        async with limit:
            return await asyncio.create_task(asked.run())  # which may cancel its own task, when left behind
    except TimeoutError:
        if not limit.expired():
            raise
        return asked.leave_behind()


async def cancel(tasks: Tasks) -> None:
    """Cancel what still runs, and wait until it has ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _wait(tasks: Tasks, patience: Patience) -> None:
    running: set[asyncio.Task[Outcome]] = set(tasks)
    grace_ends = inf
    while running:
        replies = _replies(tasks)
        if patience.settled and replies and patience.settled(replies):
            return
        if len(replies) >= patience.quorum:
            grace_ends = min(grace_ends, time.monotonic() + patience.grace_s)
        part_ends = patience.part_ends if len(replies) >= patience.needed else inf
        seconds = min(grace_ends, part_ends) - time.monotonic()
        if seconds <= 0:
            return
        done, running = await asyncio.wait(
            running, timeout=None if seconds == inf else seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for task in done:
            task.result()  # a bug is raised as itself


def _replies(tasks: Tasks) -> list[Reply]:
    return [outcome for task in tasks if task.done() and isinstance(outcome := task.result(), Reply)]
