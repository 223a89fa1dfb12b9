"""The primitives strategies are made of: a run, its stages, calls side by side, the final call.

A strategy says which model is asked what, in which order. Everything else about a call
(retries, deadline, spans, tokens, cost) happens here and in `attempt`, so a strategy
reads as its paper.
"""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from composite_llm import failures, telemetry
from composite_llm.attempt import Attempt, Call, Reply
from composite_llm.content import Message
from composite_llm.errors import AllCallsFailed, CallFailed
from composite_llm.ledger import Ledger
from composite_llm.options import Options
from composite_llm.route import Route, route
from composite_llm.telemetry import Identity, Span

Outcome = TypeVar("Outcome")

__all__ = ["Call", "Reply", "Run", "Stage"]

MAX_ATTEMPTS = 3
FIRST_PAUSE_S = 0.5


@dataclass(slots=True)
class Run:
    """One composite request on its way: what the client sent, and what has been used so far."""

    identity: Identity
    model: str
    """The base model: what stands after `composite/<strategy>/`."""
    messages: Sequence[Message]
    options: Options
    client_parameters: Mapping[str, Any]
    """What the client asked of the answer (temperature, max_tokens, tools …): for the final call only."""
    connection: Mapping[str, Any]
    """The client's `api_key` and `api_base`: for every call to the base model's provider."""
    span: Span
    deadline: float
    """Moment of `time.monotonic()` at which the request must be over."""
    ledger: Ledger = field(default_factory=Ledger)
    stages: int = 0

    @asynccontextmanager
    async def stage(self, kind: str, name: str) -> AsyncGenerator["Stage"]:
        """A phase of the strategy: one span that holds the sums of its calls."""
        span = telemetry.stage_span(self.identity, self.span, kind=kind, name=name, index=self.stages)
        self.stages += 1
        stage = Stage(self, name, span, Ledger(parent=self.ledger))
        try:
            yield stage
        except asyncio.CancelledError:
            if self.seconds_left() <= 0:
                telemetry.fail(span, TimeoutError(), "timeout", message="the request's deadline had come")
            raise
        except Exception as error:
            telemetry.fail(span, error)
            raise
        finally:
            telemetry.write_rollup(span, stage.ledger)
            telemetry.write_fan_out(span, stage.widest, stage.asked, stage.answered)
            span.end()

    def seed_for(self, index: int) -> dict[str, int]:
        """The client's seed, moved on by `index` so that samples of one model differ."""
        seed = self.client_parameters.get("seed")
        return {} if seed is None else {"seed": seed + index}

    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def connection_for(self, way: Route) -> Mapping[str, Any]:
        """The client's key and address, for calls to the provider they are meant for."""
        meant = self.connection and self.model and way.provider == route(self.model).provider
        return self.connection if meant else {}

    @property
    def secrets(self) -> Sequence[str]:
        """What must not appear in an error message."""
        return [str(self.connection["api_key"])] if "api_key" in self.connection else []


@dataclass(slots=True)
class Stage:
    """Where a strategy asks models."""

    run: Run
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
