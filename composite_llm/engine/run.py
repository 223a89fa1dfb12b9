"""The primitives strategies are made of: a run, its stages, calls side by side, the final call.

A strategy says which model is asked what, in which order. Everything else about a call
(retries, deadline, spans, tokens, cost) happens here and in `attempt`, so a strategy
reads as its paper.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from composite_llm import telemetry
from composite_llm.accounting.budget import Budget
from composite_llm.accounting.ledger import Ledger
from composite_llm.caching.answers import Answers, booked
from composite_llm.caching.kept import unpacked
from composite_llm.caching.panel import Panel
from composite_llm.content import Message, last_question
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.left_behind import LeftBehind
from composite_llm.engine.place import Place
from composite_llm.engine.stage import Stage
from composite_llm.errors import AllCallsFailed, Settled
from composite_llm.request.groups import Groups
from composite_llm.request.options import Cache, Limits, Options
from composite_llm.request.prompts import SAME_LANGUAGE, Prompt
from composite_llm.request.route import Route, route
from composite_llm.streaming.sink import Sink
from composite_llm.telemetry import Identity, Span
from composite_llm.tools.calls import tool_calls
from composite_llm.tools.tooling import Tooling

__all__ = ["Call", "Reply", "Run", "Stage"]


async def no_composite(stage: Stage, call: Call, final: bool, sink: Sink | None) -> Reply:
    raise AssertionError("a run that is not executed asks no composites")


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
    final_model: str = ""
    """Who writes the answer; what is asked alone when nobody else has answered."""
    groups: Groups = field(default_factory=Groups)
    """By whose names models may be named as well."""
    user: str | None = None
    """Who the client says it asks for, as providers are told."""
    ledger: Ledger = field(default_factory=Ledger)
    sink: Sink | None = None
    """Where the final call's words go as they come; None when the client waits for the whole answer."""
    budget: Budget = field(default_factory=lambda: Budget(Limits()))
    tooling: Tooling = field(default_factory=lambda: Tooling.of(Options(), {}, [], ""))
    panel: Panel = field(default_factory=lambda: Panel(None))
    """What members said in earlier requests of this turn."""
    answers: Answers = field(default_factory=lambda: Answers(Cache(), ()))
    """What was paid for before."""
    depth: int = 0
    """How many composites stand around it."""
    within: str = ""
    """Where it stands in the composite around it: before its stages' names in the receipt."""
    ask_composite: Callable[[Stage, Call, bool, Sink | None], Awaitable[Reply]] = no_composite
    """Runs a composite that is asked inside this one: stage, call, whether it is the final one, its sink."""
    baseline_trace_id: str | None = None
    stop_reason: str = "complete"
    """Of a run that comes to an answer: `complete`, or the limit at which it had to."""
    stages: int = 0
    degraded: list[str] = field(default_factory=list[str])
    """Why the answer is built on less than was asked for."""
    notice: str = ""
    """What the final call is told of that."""
    left_behind: LeftBehind = field(default_factory=LeftBehind)

    async def answer(self, strategy: "Callable[[Run], Awaitable[Reply]]") -> Reply:
        """What the strategy comes to, or what there is when it cannot go on."""
        if self.sink:
            options = self.options
            self.sink.open(keepalive_s=options.keepalive_s, notes_wanted=options.progress == "reasoning")
        if self.tooling.any:
            telemetry.write_tool_policy(self.span, self.options.tool_policy)
        conversation = [*self.messages, *self.tooling.rest]
        runs_tools = self.options.tool_executor is not None
        key = None if runs_tools else self.answers.key_of_request(conversation, self.client_parameters)
        if key and (known := await self.answers.known(key)):
            async with self.stage("cache", f"{self.identity.strategy}.cache") as stage:
                call = Call(known["model"], conversation, known["role"], parameters=self.client_parameters)
                return booked(stage, unpacked(known, call), call.model)
        reply = await self._answered(strategy)
        self.panel.keep([call.id for call in tool_calls(reply.answer.message)])
        if key and not self.degraded:
            await self.answers.keep(key, reply)
        return reply

    def tell_of_panel(self) -> None:
        """Once members were to be asked: whether this is a panel that may be reused, and was."""
        if self.panel.key:
            telemetry.write_panel(self.span, self.panel.key, self.panel.use)

    async def _answered(self, strategy: "Callable[[Run], Awaitable[Reply]]") -> Reply:
        forgotten = self.tooling.rest and self.options.fanout == "off" and self.panel.use != "hit"
        if self.tooling.alone or forgotten:
            return await self._alone()
        try:
            return await strategy(self)
        except Settled as early:
            return early.reply
        except AllCallsFailed as error:
            for_want_of_money = error.failures and all(
                failure.outcome == "budget" for failure in error.failures
            )
            if self.options.on_all_failed != "direct" and not for_want_of_money:
                raise
            return await self._directly(error)

    async def close(self) -> None:
        """To be called when all is over."""
        await self.left_behind.end()

    @asynccontextmanager
    async def stage(
        self, kind: str, name: str, *, under: Place | None = None, span: Span | None = None
    ) -> AsyncGenerator["Stage"]:
        """A phase of the strategy: one span that holds the sums of its calls.

        `under`: what it is a part of, if not of the request itself. `span`: one of another kind, begun already,
        that holds them in place of a stage's own.
        """
        place, own = under or self, span is None
        if span is None:
            span = telemetry.stage_span(self.identity, place.span, kind=kind, name=name, index=self.stages)
            self.stages += 1
        stage = Stage(self, kind, name, span, Ledger(parent=place.ledger))
        if self.sink and own:
            self.sink.note(f"{name}\n")
        try:
            yield stage
        except asyncio.CancelledError:
            if self.seconds_left() <= 0:
                telemetry.fail(span, TimeoutError(), "timeout", message="the request's deadline had come")
            raise
        except Settled:
            raise
        except Exception as error:
            telemetry.fail(span, error)
            raise
        finally:
            if stage.left_behind:
                self.left_behind.stages.append((stage, time.time_ns()))
            else:
                stage.end(time.time_ns())

    def told(self, prompt: Prompt, **values: str) -> str:
        """What a stage's models are told: the caller's text, else the strategy's, with its places filled."""
        return prompt.filled(self.options.prompts, self.places | values)

    @property
    def places(self) -> dict[str, str]:
        """What every prompt may have filled in."""
        language = self.options.language or SAME_LANGUAGE
        return {"question": last_question(self.messages), "language": language}

    def tell_of_missing(self, missing: int, asked: int) -> None:
        """Of how many answers are missing, for the final call; not why, since an error may hold a secret."""
        if self.options.degraded_notice == "loud":
            self.notice = (
                f"(Note: {missing} of the {asked} assistants that were asked gave no answer. "
                "Do not take their silence for agreement.)"
            )

    def read_all(self) -> None:
        """From here on everybody reads also what the client's tools have brought since members were to be asked."""
        self.messages, self.tooling.rest = [*self.messages, *self.tooling.rest], []

    def seed_for(self, index: int) -> dict[str, int]:
        """The client's seed, moved on by `index` so that samples of one model differ."""
        seed = self.client_parameters.get("seed")
        return {} if seed is None else {"seed": seed + index}

    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def connection_for(self, way: Route) -> Mapping[str, Any]:
        """The client's key and address, for calls to the provider they are meant for; a deployment has its own."""
        if not self.connection or not self.model or way.deployed or self.groups.holds(self.model):
            return {}
        return self.connection if way.provider == route(self.model).provider else {}

    @property
    def secrets(self) -> Sequence[str]:
        """What must not appear in an error message."""
        return [str(self.connection["api_key"])] if "api_key" in self.connection else []

    async def _directly(self, error: AllCallsFailed) -> Reply:
        self.degraded.append(f"{error}; the final model was asked alone")
        self.notice = ""
        return await self._alone()

    async def _alone(self) -> Reply:
        async with self.stage("direct", f"{self.identity.strategy}.direct") as stage:
            return await stage.final(Call(self.final_model, self.messages, "direct"))
