"""The primitives strategies are made of: a run, its stages, calls side by side, the final call.

A strategy says which model is asked what, in which order. Everything else about a call
(retries, deadline, spans, tokens, cost) happens here and in `attempt`, so a strategy
reads as its paper.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from composite_llm import telemetry
from composite_llm.calls import Call, Reply
from composite_llm.content import Message, last_question
from composite_llm.ledger import Ledger
from composite_llm.options import Options
from composite_llm.prompts import SAME_LANGUAGE, Prompt
from composite_llm.route import Route, route
from composite_llm.stage import Stage
from composite_llm.telemetry import Identity, Span

__all__ = ["Call", "Reply", "Run", "Stage"]


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

    def told(self, prompt: Prompt, **values: str) -> str:
        """What a stage's models are told: the caller's text, else the strategy's, with its places filled."""
        always = {
            "question": last_question(self.messages),
            "language": self.options.language or SAME_LANGUAGE,
        }
        return prompt.filled(self.options.prompts, always | values)

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
