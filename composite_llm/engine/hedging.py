"""A second attempt beside one that takes long: the first answer wins, the other is cancelled and booked."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from composite_llm.engine.attempt import Attempt
from composite_llm.engine.calls import Reply
from composite_llm.errors import CallFailed

Outcome = Reply | CallFailed


async def first_of_two(
    first: Attempt,
    make_second: Callable[[], Awaitable[Attempt | CallFailed]],
    after_s: float | None,
    closed: Callable[[], bool],
) -> Outcome:
    """The first answer; when there is none, why `first` failed. `after_s` None sends no second attempt.

    `closed` says whether nothing new may be sent. However this ends, both attempts have ended with it.
    """
    attempts, tasks = [first], [asyncio.create_task(first.run())]
    try:
        await asyncio.wait(tasks, timeout=after_s)
        if not tasks[0].done() and not closed():
            second = await make_second()
            if isinstance(second, Attempt):
                attempts.append(second)
                if not tasks[0].done() and not closed():  # time has passed while it was made
                    tasks.append(asyncio.create_task(second.run()))
        return await _first_answer(tasks)
    finally:
        await _end(attempts, tasks)


async def _first_answer(tasks: Sequence[asyncio.Task[Outcome]]) -> Outcome:
    running = set(tasks)
    while running:
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if isinstance(outcome := task.result(), Reply):
                return outcome
    return tasks[0].result()


async def _end(attempts: Sequence[Attempt], tasks: Sequence[asyncio.Task[Outcome]]) -> None:
    answered = any(_has_answered(task) for task in tasks)
    for attempt, task in zip(attempts, tasks, strict=False):
        attempt.lost = answered and not task.done()
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for attempt in attempts:
        attempt.drop_unless_sent()


def _has_answered(task: asyncio.Task[Outcome]) -> bool:
    return task.done() and not task.cancelled() and not task.exception() and isinstance(task.result(), Reply)
