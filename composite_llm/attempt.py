"""One attempt at one call: a span around it, and its line in the books, however it ends."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openai import OpenAIError

from composite_llm import failures, telemetry, transport
from composite_llm.calls import Call, Reply
from composite_llm.errors import CallFailed
from composite_llm.ledger import CallRecord
from composite_llm.redaction import without_secrets
from composite_llm.route import Route
from composite_llm.telemetry import Span
from composite_llm.transport import Answer

if TYPE_CHECKING:
    from composite_llm.stage import Stage


@dataclass(frozen=True, slots=True)
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
        record = self._blank_record()
        started = time.monotonic()
        try:
            telemetry.write_request_parameters(span, self.call.parameters)
            telemetry.write_input(span, self.call.messages, as_call=True)
            with telemetry.current(span):
                answer = await self._ask()
            record, result = self._answered(span, record, answer)
        except OpenAIError as error:  # every LiteLLM error of a call is one
            record, result = self._failed(span, record, error)
        except asyncio.CancelledError:
            record = self._interrupted(span, record)
            raise
        except Exception as error:
            telemetry.fail(span, error)
            raise
        finally:
            self._close(span, replace(record, seconds=time.monotonic() - started))
        return result

    async def _ask(self) -> Answer:
        run = self.stage.run
        parameters = {**run.connection_for(self.way), **self.call.parameters}
        # The engine's deadline ends the call; LiteLLM's later one is there in case it cannot.
        return await transport.complete(
            self.way, list(self.call.messages), parameters, run.seconds_left() + 5
        )

    def _open_span(self) -> Span:
        return telemetry.call_span(
            self.stage.run.identity,
            self.stage.span,
            self.way,
            call_id=self.call_id,
            role=self.call.role,
            index=self.call.index,
            attempt=self.number,
            reads=[reply.span_context for reply in self.call.reads],
        )

    def _blank_record(self) -> CallRecord:
        """What is booked if nothing better is known when the attempt ends."""
        return CallRecord(
            stage=self.stage.name,
            role=self.call.role,
            index=self.call.index,
            attempt=self.number,
            model=self.way.name,
            outcome="error",
            seconds=0.0,
            usage=None,
            cost=None,
            simulated=self.way.simulated,
        )

    def _answered(
        self, span: Span, record: CallRecord, answer: Answer
    ) -> tuple[CallRecord, Reply | CallFailed]:
        telemetry.write_response(span, answer.response, self.way)
        telemetry.write_output(span, answer.choices, as_call=True)
        paid = replace(record, outcome="ok", usage=answer.usage, cost=answer.cost)
        if not answer.empty:
            return paid, Reply(self.call, answer, span.get_span_context())
        failure = CallFailed(self.call.role, self.way.name, "empty", _why_empty(answer))
        telemetry.warn(span, str(failure))
        return replace(paid, outcome="empty", error=str(failure)), failure

    def _failed(self, span: Span, record: CallRecord, error: OpenAIError) -> tuple[CallRecord, CallFailed]:
        outcome = "timeout" if failures.is_timeout(error) else "error"
        reason = without_secrets(failures.reason(error), *self.stage.run.secrets)
        telemetry.fail(span, error, "timeout" if outcome == "timeout" else None, message=reason)
        refused = failures.was_refused(error)
        failure = CallFailed(self.call.role, self.way.name, outcome, reason, error)
        return replace(record, outcome=outcome, refused=refused, error=reason), failure

    def _interrupted(self, span: Span, record: CallRecord) -> CallRecord:
        """By the deadline, which is a failure, or because nobody wants the answer any more, which is none."""
        if self.stage.run.seconds_left() > 0:
            return replace(record, outcome="cancelled")
        telemetry.fail(span, TimeoutError(), "timeout", message="the request's deadline had come")
        return replace(record, outcome="timeout", error="the request's deadline had come")

    def _close(self, span: Span, record: CallRecord) -> None:
        telemetry.write_outcome(span, record.outcome)
        telemetry.write_usage(span, record.usage, refused=record.refused)
        telemetry.write_cost(span, record.cost)
        span.end()
        self.stage.ledger.book(record)


def _why_empty(answer: Answer) -> str:
    if answer.message.get("refusal"):
        return "refused to answer"
    if answer.finish_reason == "length":
        return "used up its tokens before the first visible one"
    return "answered nothing"
