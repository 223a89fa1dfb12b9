"""One call until it has an answer: attempts, a second one beside a slow one, other models.

Every attempt is a span and a line in the books, and is paid for from the budget before it is sent.
"""

import asyncio
import random
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import litellm
from openai import OpenAIError

from composite_llm.accounting.estimates import estimate
from composite_llm.accounting.reservation import Reservation
from composite_llm.engine import failures
from composite_llm.engine.attempt import Attempt
from composite_llm.engine.call_parameters import taken_by
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.hedging import first_of_two
from composite_llm.engine.message_rules import has_adjacent_user_turns, readable_by, with_user_turns_merged
from composite_llm.errors import BudgetExceeded, CallFailed
from composite_llm.request.groups import NoDeployment
from composite_llm.request.route import Route
from composite_llm.streaming.hearing import Hearing
from composite_llm.streaming.sink import Sink

if TYPE_CHECKING:
    from composite_llm.engine.stage import Stage

FIRST_PAUSE_S = 0.5

_merging: set[str] = set()
"""Destinations that have refused two user turns in a row, for as long as this process lives."""


@dataclass(slots=True)
class ResilientCall:
    stage: "Stage"
    call: Call
    final: bool = False
    sink: Sink | None = None
    """Where its words go as they come."""
    counted: bool = False
    """Whether its part of the budget was asked for before."""
    call_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    left_behind: bool = False
    """Nobody waits for its answer any more: what is in flight may end, nothing new is sent."""
    _time: asyncio.Timeout | None = None
    _attempts: int = 0
    _in_flight: set[Attempt] = field(default_factory=set[Attempt])

    async def run(self) -> Reply | CallFailed:
        """Raises BudgetExceeded where the budget is to stop the request."""
        seconds = None if self.final else self.stage.run.options.member_timeout_s
        try:
            async with asyncio.timeout(seconds) as self._time:
                outcome = await self._by_any_model()
        except TimeoutError:
            if not self.timed_out:
                raise
            outcome = self._failed("timeout", f"did not answer within member_timeout_s={seconds:g}")
        self._note(outcome)
        return outcome

    def _note(self, outcome: Reply | CallFailed) -> None:
        """Tells a client that reads along; a final answer speaks for itself."""
        if self.stage.run.sink and not self.final:
            what = "answered" if isinstance(outcome, Reply) else "gave no answer"
            self.stage.run.sink.note(f"{self.stage.name}: {self.call.role} {self.call.index + 1} {what}\n")

    def leave_behind(self) -> CallFailed:
        self.left_behind = True
        for attempt in self._in_flight:
            attempt.release()
        return self._failed("timeout", "was not waited for any longer")

    @property
    def closed(self) -> bool:
        """Nothing new is sent: nobody waits for an answer any more, or the client has begun to get one."""
        return self.left_behind or (self.sink is not None and self.sink.spoke_at is not None)

    @property
    def timed_out(self) -> bool:
        return self._time is not None and self._time.expired()

    async def _by_any_model(self) -> Reply | CallFailed:
        failed: list[CallFailed] = []
        for model in [self.call.model, *self.stage.run.options.fallbacks_of(self.call.model)]:
            outcome = await self._by(model)
            if isinstance(outcome, Reply):
                return outcome
            failed.append(outcome)
            if self.closed:
                break
        return failed[0].followed_by(failed[1:])

    async def _by(self, model: str) -> Reply | CallFailed:
        """Attempts, until one succeeds, the error is final, or they are used up."""
        retries = self.stage.run.options.max_retries
        for number in range(1, retries + 2):
            outcome = await self._routed(model)
            if isinstance(outcome, Reply) or self.closed or number > retries:
                return outcome
            pause = _pause_after(number, outcome)
            if pause is None or pause >= self.stage.run.seconds_left():
                return outcome
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns")

    async def _routed(self, model: str) -> Reply | CallFailed:
        """An attempt along the way that is best now: a Router may know of a healthier deployment than last time."""
        try:
            way = await self.stage.run.groups.way(model, self.call.messages)
        except NoDeployment as none:
            limited = litellm.RateLimitError(str(none), "composite", model)
            cause = none.__cause__ if isinstance(none.__cause__, OpenAIError) else limited
            return CallFailed(self.call.role, model, "error", str(none), cause)
        return await self._taken(way)

    async def _taken(self, way: Route) -> Reply | CallFailed:
        """The conversation as it is, and once with user turns merged where that is refused."""
        merged = way.destination in _merging
        outcome = await self._hedged(way, self._fitted(way, merged=merged))
        mergeable = not merged and has_adjacent_user_turns(self.call.messages)
        if isinstance(outcome, Reply) or not mergeable or not failures.is_bad_request(outcome.cause):
            return outcome
        outcome = await self._hedged(way, self._fitted(way, merged=True))
        if isinstance(outcome, Reply):
            _merging.add(way.destination)
        return outcome

    def _fitted(self, way: Route, *, merged: bool) -> Call:
        """The call as this destination takes it."""
        messages = self.call.messages if self.final else readable_by(way, self.call.messages)
        model = way.name if way.deployed else self.call.model
        messages = with_user_turns_merged(messages) if merged else messages
        return replace(self.call, model=model, messages=messages, parameters=taken_by(way, self.call))

    async def _hedged(self, way: Route, call: Call) -> Reply | CallFailed:
        """An attempt and, when it takes long, a second one beside it."""
        first = await self._prepared(way, call)
        if isinstance(first, CallFailed):
            return first
        try:
            return await first_of_two(
                first,
                lambda: self._prepared(way, call, hedge=True),
                self.stage.run.options.hedge_after_s,
                lambda: self.closed,
            )
        finally:
            self._in_flight.clear()

    async def _prepared(self, way: Route, call: Call, *, hedge: bool = False) -> Attempt | CallFailed:
        """An attempt with its reservation, which nothing may be awaited after."""
        reservation = await self._reserved(way, call, hedge=hedge)
        if isinstance(reservation, CallFailed):
            return reservation
        if reservation and reservation.max_tokens is not None:
            own = {name: value for name, value in call.parameters.items() if name != "max_completion_tokens"}
            call = replace(call, parameters={**own, "max_tokens": reservation.max_tokens})
        self._attempts += 1
        hearing = Hearing(self.sink) if self.sink else None
        attempt = Attempt(self, call, way, self._attempts, hedge, reservation, hearing)
        self._in_flight.add(attempt)
        return attempt

    async def _reserved(self, way: Route, call: Call, *, hedge: bool) -> Reservation | CallFailed | None:
        """None where nothing is limited. A hedge, which nobody needs, neither waits for room nor stops the request."""
        budget = self.stage.run.budget
        if not budget.limited:
            return None
        wanted = await estimate(way, call.messages, call.parameters, counted=budget.counts_tokens)
        among = 1 if self.final else self.stage.sharing()
        final = self.final or self.call.last
        reservation = await budget.reserve(wanted, final=final, among=among, patient=not hedge)
        if not self.counted:
            self.counted = True
            self.stage.unpaid -= 1
        if reservation is None and budget.stops and not hedge:
            raise BudgetExceeded(f"{self.call.role} {way.name}", budget.described)
        if reservation is None:
            return self._failed("budget", f"there was no room for it in {budget.described}")
        if self.left_behind:
            reservation.drop()
            return self._failed("timeout", "was not waited for any longer")
        return reservation

    def _failed(self, outcome: str, reason: str) -> CallFailed:
        cause = None
        if outcome == "timeout":  # as LiteLLM calls it, so that a client learns what kind of failure it was
            cause = litellm.Timeout(reason, self.call.model, "composite")
        return CallFailed(self.call.role, self.call.model, outcome, reason, cause)


def _pause_after(number: int, failure: CallFailed) -> float | None:
    """Seconds to wait before the next attempt; None when another one would fail the same way."""
    if failure.cause is None or not failures.may_succeed_later(failure.cause):
        return None
    growing = FIRST_PAUSE_S * 2 ** (number - 1) * random.uniform(0.8, 1.2)
    pause = max(growing, failures.seconds_asked_for(failure.cause))
    return pause if pause <= failures.LONGEST_PAUSE_S else None
