"""One attempt at one call: a span around it, and its line in the books, however it ends."""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openai import OpenAIError

from composite_llm import telemetry
from composite_llm.accounting.ledger import CallRecord
from composite_llm.accounting.other_books import other_books, place_of_record
from composite_llm.accounting.reservation import Reservation
from composite_llm.engine import failures
from composite_llm.engine.call_parameters import about_the_client, headers
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.transport import Answer, Outgoing
from composite_llm.engine.transports import transport_to
from composite_llm.errors import CallFailed
from composite_llm.redaction import without_secrets
from composite_llm.request.route import Route
from composite_llm.streaming.hearing import Hearing, Overtaken
from composite_llm.telemetry import Span

if TYPE_CHECKING:
    from composite_llm.engine.resilience import ResilientCall
    from composite_llm.engine.stage import Stage


@dataclass(slots=True, eq=False)
class Attempt:
    """The `number`-th try (1-based) at `call`, sent along `way`."""

    of: "ResilientCall"
    call: Call
    way: Route
    number: int
    hedge: bool = False
    """Sent beside an attempt that took long."""
    reservation: Reservation | None = None
    hearing: Hearing | None = None
    """Gives the answer on while it is written; None waits for the whole of it."""
    sent: bool = False
    lost: bool = False
    """Another attempt at the same call was faster."""

    @property
    def stage(self) -> "Stage":
        return self.of.stage

    async def run(self) -> Reply | CallFailed:
        """A Reply, or why there is none. Cancellation is booked and goes on to the caller."""
        if self.hedge and self.of.closed:  # the other one has begun to answer since this one was made
            return self._lost_to_another()
        self.sent = True
        span = self._open_span()
        record = self._blank_record()
        started = time.monotonic()
        try:
            if self.reservation:
                telemetry.write_queue(span, self.reservation.waited_s)
            telemetry.write_request_parameters(span, self.call.parameters)
            telemetry.write_input(span, self.call.messages, as_call=True)
            with telemetry.current(span):
                answer = await self._ask(span)
            record, result = self._answered(span, record, answer)
        except Overtaken:
            record, result = self._overtaken(record)
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
        await self._tell_router(result)
        return result

    def release(self) -> None:
        """Nobody waits for it any more."""
        if self.reservation:
            self.reservation.release()

    def drop_unless_sent(self) -> None:
        if self.reservation and not self.sent:
            self.reservation.drop()

    async def _ask(self, span: Span) -> Answer:
        run = self.stage.run
        parameters = {
            **run.connection_for(self.way),
            **about_the_client(run, self.way),
            **self.call.parameters,
            "extra_headers": headers(run, self.call, span),
        }
        # The engine's deadline ends the call; the transport's later one is there in case it cannot.
        messages, seconds = list(self.call.messages), run.seconds_left() + 5
        outgoing = Outgoing(self.way, messages, parameters, seconds, span, run.identity)
        transport = transport_to(self.way)
        if self.hearing:
            return await self.hearing.complete(transport, outgoing)
        return await transport.complete(outgoing)

    async def _tell_router(self, result: Reply | CallFailed) -> None:
        """Last, when all is booked: a Router may count in a database far away."""
        deployed = self.way.deployed
        if deployed and isinstance(result, Reply):
            used = result.answer.usage
            await deployed.answered(used.input + used.output if used else 0)
        elif deployed and isinstance(result, CallFailed) and result.cause:
            deployed.failed(result.cause)

    def _open_span(self) -> Span:
        return telemetry.call_span(
            self.stage.run.identity,
            self.stage.span,
            self.way,
            call_id=self.of.call_id,
            role=self.call.role,
            index=self.call.index,
            attempt=self.number,
            hedge=self.hedge,
            reads=[reply.span_context for reply in self.call.reads],
        )

    def _blank_record(self) -> CallRecord:
        """What is booked if nothing better is known when the attempt ends."""
        return CallRecord(
            stage=self.stage.run.within + self.stage.name,
            role=self.call.role,
            index=self.call.index,
            attempt=self.number,
            model=self.way.name,
            outcome="error",
            seconds=0.0,
            usage=None,
            cost=None,
            simulated=self.way.simulated,
            hedge=self.hedge,
        )

    def _answered(
        self, span: Span, record: CallRecord, answer: Answer
    ) -> tuple[CallRecord, Reply | CallFailed]:
        telemetry.write_response(span, answer.response, self.way)
        telemetry.write_output(span, answer.choices, as_call=True)
        outcome = "discarded" if self.of.left_behind else "ok"
        paid = replace(record, outcome=outcome, usage=answer.usage, cost=answer.cost)
        books = other_books(getattr(answer.response, "usage", None))
        if books and books.recorded_in == place_of_record(telemetry.trace_id(span)):
            paid = replace(paid, recorded_below=True)
        if not answer.empty:
            self._say_if_cut_short(answer)
            return paid, Reply(self.call, answer, span.get_span_context())
        failure = CallFailed(self.call.role, self.way.name, "empty", _why_empty(answer))
        telemetry.warn(span, str(failure))
        return replace(paid, outcome="empty", error=str(failure)), failure

    def _failed(self, span: Span, record: CallRecord, error: OpenAIError) -> tuple[CallRecord, CallFailed]:
        outcome = "timeout" if failures.is_timeout(error) else "error"
        deployed = self.way.deployed.secrets if self.way.deployed else ()
        reason = without_secrets(failures.reason(error), *self.stage.run.secrets, *deployed)
        telemetry.fail(span, error, "timeout" if outcome == "timeout" else None, message=reason)
        refused, (usage, cost) = failures.was_refused(error), failures.used(error)
        failure = CallFailed(self.call.role, self.way.name, outcome, reason, error)
        known = replace(record, usage=usage, cost=cost, refused=refused)
        return replace(known, outcome=outcome, error=reason), failure

    def _overtaken(self, record: CallRecord) -> tuple[CallRecord, CallFailed]:
        return replace(record, outcome="hedge_lost"), self._lost_to_another()

    def _lost_to_another(self) -> CallFailed:
        return CallFailed(self.call.role, self.way.name, "hedge_lost", "another attempt was faster")

    def _say_if_cut_short(self, answer: Answer) -> None:
        if self.reservation and self.reservation.max_tokens is not None and answer.finish_reason == "length":
            role, most = self.call.role, self.reservation.max_tokens
            self.stage.degrade(f"{role} {self.way.name} was cut at {most} tokens, to stay within the budget")

    def _interrupted(self, span: Span, record: CallRecord) -> CallRecord:
        """By a time limit, which is a failure, or because nobody wants the answer any more, which is none."""
        if self.lost:
            return replace(record, outcome="hedge_lost")
        if self.of.timed_out:
            reason = f"member_timeout_s={self.stage.run.options.member_timeout_s:g} was over"
        elif self.stage.run.seconds_left() <= 0:
            reason = "the request's deadline had come"
        else:
            return replace(record, outcome="cancelled")
        telemetry.fail(span, TimeoutError(), "timeout", message=reason)
        return replace(record, outcome="timeout", error=reason)

    def _close(self, span: Span, record: CallRecord) -> None:
        if self.hearing:
            record = self.hearing.kept(span, record)
        telemetry.write_outcome(span, record.outcome)
        if record.recorded_below:
            telemetry.write_as_stage(span, record)
        else:
            telemetry.write_usage(span, record.usage, refused=record.refused)
            telemetry.write_cost(span, record.cost)
        span.end()
        self.stage.ledger.book(record)
        if self.reservation:
            self.reservation.settle(record)


def _why_empty(answer: Answer) -> str:
    if answer.message.get("refusal"):
        return "refused to answer"
    if answer.finish_reason == "length":
        return "used up its tokens before the first visible one"
    return "answered nothing"
