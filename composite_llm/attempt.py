"""One attempt at one call: a span around it, and its line in the books, however it ends."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openai import OpenAIError
from opentelemetry.trace import Span, SpanContext

from composite_llm import telemetry, transport
from composite_llm.content import Message
from composite_llm.errors import CallFailed
from composite_llm.ledger import CallRecord, Cost, Usage
from composite_llm.redaction import without_secrets
from composite_llm.route import Route
from composite_llm.transport import Answer

if TYPE_CHECKING:
    from composite_llm.engine import Stage


@dataclass(frozen=True, slots=True)
class Call:
    """One question to one model."""

    model: str
    messages: Sequence[Message]
    role: str
    index: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    reads: Sequence["Reply"] = ()
    """The answers whose text is part of the question."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A usable answer."""

    call: Call
    answer: Answer
    span_context: SpanContext

    @property
    def text(self) -> str:
        return self.answer.text

    @property
    def index(self) -> int:
        return self.call.index


@dataclass(slots=True)
class Attempt:
    """The `number`-th try (1-based) at `call`, sent along `way`."""

    stage: "Stage"
    call: Call
    way: Route
    call_id: str
    number: int

    async def run(self) -> Reply | CallFailed:
        """A Reply, or why there is none. Cancellation is booked and goes on to the caller."""
        span = self._open_span()
        started = time.monotonic()
        try:
            with telemetry.current(span):
                answer = await self._ask()
        except OpenAIError as error:  # every LiteLLM error of a call is one
            return self._failed(span, started, error)
        except asyncio.CancelledError:
            outcome = "timeout" if self.stage.run.seconds_left() <= 0 else "cancelled"
            self._close(span, started, outcome, None, None)
            raise
        except Exception as error:
            telemetry.fail(span, error)
            span.end()
            raise
        return self._answered(span, started, answer)

    async def _ask(self) -> Answer:
        run = self.stage.run
        parameters = {**run.parameters_for(self.way), **self.call.parameters}
        # The engine's deadline ends the call; LiteLLM's later one is there in case it cannot.
        return await transport.complete(
            self.way, list(self.call.messages), parameters, run.seconds_left() + 5
        )

    def _open_span(self) -> Span:
        span = telemetry.call_span(
            self.stage.run.identity,
            self.stage.span,
            self.way,
            call_id=self.call_id,
            role=self.call.role,
            index=self.call.index,
            attempt=self.number,
            reads=[reply.span_context for reply in self.call.reads],
        )
        telemetry.write_request_parameters(span, self.call.parameters)
        telemetry.write_input(span, self.call.messages, as_call=True)
        return span

    def _answered(self, span: Span, started: float, answer: Answer) -> Reply | CallFailed:
        telemetry.write_response(span, answer.response, self.way)
        telemetry.write_output(span, answer.message, answer.finish_reason, as_call=True)
        if not answer.empty:
            self._close(span, started, "ok", answer.usage, answer.cost)
            return Reply(self.call, answer, span.get_span_context())
        failure = CallFailed(self.call.role, self.way.name, "empty", _why_empty(answer))
        telemetry.warn(span, str(failure))
        self._close(span, started, "empty", answer.usage, answer.cost, str(failure))
        return failure

    def _failed(self, span: Span, started: float, error: OpenAIError) -> CallFailed:
        outcome = "timeout" if isinstance(error, transport.TIMEOUT) else "error"
        reason = without_secrets(transport.reason(error))
        telemetry.fail(span, error, "timeout" if outcome == "timeout" else None, message=reason)
        self._close(span, started, outcome, None, None, reason)
        return CallFailed(self.call.role, self.way.name, outcome, reason, error)

    def _close(
        self,
        span: Span,
        started: float,
        outcome: str,
        usage: Usage | None,
        cost: Cost | None,
        error: str = "",
    ) -> None:
        telemetry.write_outcome(span, outcome)
        telemetry.write_usage(span, usage)
        telemetry.write_cost(span, cost)
        span.end()
        self.stage.ledger.book(
            CallRecord(
                stage=self.stage.name,
                role=self.call.role,
                index=self.call.index,
                attempt=self.number,
                model=self.way.name,
                outcome=outcome,
                seconds=time.monotonic() - started,
                usage=usage,
                cost=cost,
                simulated=self.way.simulated,
                error=error,
            )
        )


def _why_empty(answer: Answer) -> str:
    if answer.message.get("refusal"):
        return "refused to answer"
    if answer.finish_reason == "length":
        return "used up its tokens before the first visible one"
    return "answered nothing"
