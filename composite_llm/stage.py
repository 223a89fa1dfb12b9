"""Where a strategy asks models: calls side by side, and the final call."""

import asyncio
import random
import uuid
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from composite_llm import failures, telemetry
from composite_llm.attempt import Attempt
from composite_llm.calls import Call, Reply
from composite_llm.errors import AllCallsFailed, CallFailed
from composite_llm.ledger import Ledger
from composite_llm.route import route
from composite_llm.telemetry import Span

if TYPE_CHECKING:
    from composite_llm.engine import Run

Outcome = TypeVar("Outcome")

MAX_ATTEMPTS = 3
FIRST_PAUSE_S = 0.5


@dataclass(slots=True)
class Stage:
    """One phase of a strategy."""

    run: "Run"
    name: str
    span: Span
    ledger: Ledger
    widest: int = 0
    """The most calls it had side by side."""
    asked: int = 0
    answered: int = 0

    async def together(self, calls: Sequence[Call], *, at_least: int = 1) -> list[Reply]:
        """Ask all at once: the usable answers, in the order of `calls`; AllCallsFailed below `at_least`.

        A parameter that a model does not take is left out, since it is ours and not the client's.
        """
        self.widest = max(self.widest, len(calls))
        lenient = [replace(call, parameters={**call.parameters, "drop_params": True}) for call in calls]
        outcomes = await _all([self._outcome(call) for call in lenient])
        replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
        failed = [outcome for outcome in outcomes if isinstance(outcome, CallFailed)]
        if len(replies) < at_least:
            raise AllCallsFailed(self.name, failed)
        if failed:
            telemetry.warn(self.span, "; ".join(map(str, failed)))
        return replies

    async def final(self, call: Call) -> Reply:
        """Ask for the answer the client gets, with the client's own parameters. Raises CallFailed."""
        self.widest = max(self.widest, 1)
        outcome = await self._outcome(
            replace(call, parameters={**call.parameters, **self.run.client_parameters})
        )
        if isinstance(outcome, CallFailed):
            raise outcome
        return outcome

    def note(self, key: str, value: Any) -> None:
        """Write something the strategy found out on this stage's span; `key` is one of `conventions`."""
        telemetry.write_note(self.span, key, value)

    async def _outcome(self, call: Call) -> Reply | CallFailed:
        """Attempts, each a sibling span, until one succeeds, the error is final, or they are used up."""
        self.asked += 1
        way = route(call.model)
        call_id = uuid.uuid4().hex
        for number in range(1, MAX_ATTEMPTS + 1):
            outcome = await Attempt(self, call, way, call_id, number).run()
            if isinstance(outcome, Reply):
                self.answered += 1
                return outcome
            pause = _pause_after(number, outcome)
            if number == MAX_ATTEMPTS or pause is None or pause >= self.run.seconds_left():
                return outcome
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns")


def _pause_after(number: int, failure: CallFailed) -> float | None:
    """Seconds to wait before the next attempt; None when another one would fail the same way."""
    if failure.cause is None or not failures.may_succeed_later(failure.cause):
        return None
    growing = FIRST_PAUSE_S * 2 ** (number - 1) * random.uniform(0.8, 1.2)
    pause = max(growing, failures.seconds_asked_for(failure.cause))
    return pause if pause <= failures.LONGEST_PAUSE_S else None


async def _all(coroutines: Sequence[Coroutine[Any, Any, Outcome]]) -> list[Outcome]:
    """Like gather, but a bug in one cancels the others and is raised as itself, not in a group."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(coroutine) for coroutine in coroutines]
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]
