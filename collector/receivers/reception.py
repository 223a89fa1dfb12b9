"""What OTLP over HTTP and over gRPC have in common: how a request becomes durable, and what a failure is called.

An acknowledgement means committed. A fault that passes is answered so that OpenTelemetry's exporters try
again, and no other way: they take every other answer as final and drop the spans.
"""

import asyncio
import logging
from concurrent.futures import Future
from dataclasses import dataclass

from anyio import CapacityLimiter, to_thread
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.decoding.decoder import Arrived, Decoder
from collector.errors import (
    BodyTooLarge,
    CollectorError,
    NotOtlp,
    QueueFull,
    StoreError,
    TooMuchInHand,
    UnstorableSpans,
)
from collector.intake import Intake
from collector.receivers import wire
from collector.receivers.budget import ByteBudget, Share
from collector.spans.batch import Batch

log = logging.getLogger(__name__)

SECONDS_TO_COME_BACK = 1
"""Short, because an exporter has ten seconds for all its attempts together."""
RETRY_SOON = {"Retry-After": str(SECONDS_TO_COME_BACK)}
MOST_DECODED_AT_ONCE = 8
"""Threads of their own, so that slow questions cannot keep spans waiting."""

REFUSED = (NotOtlp, UnstorableSpans, BodyTooLarge, TooMuchInHand, QueueFull, StoreError)
"""The errors that `refusal_of` has an answer to."""


@dataclass(frozen=True, slots=True)
class Refusal:
    status: int
    """Of HTTP."""
    code: int
    """Of google.rpc, which is gRPC's too."""
    again: bool
    """Whether the same request may succeed later."""


def refusal_of(error: CollectorError) -> Refusal:
    match error:
        case QueueFull() | TooMuchInHand():
            return Refusal(503, wire.RESOURCE_EXHAUSTED, again=True)
        case StoreError():
            return Refusal(503, wire.UNAVAILABLE, again=True)
        case BodyTooLarge():
            return Refusal(413, wire.INVALID_ARGUMENT, again=False)
        case _:
            return Refusal(400, wire.INVALID_ARGUMENT, again=False)


class Reception:
    def __init__(
        self, intake: Intake, decoder: Decoder | None = None, budget: ByteBudget | None = None
    ) -> None:
        self._intake = intake
        self._decoder = decoder or Decoder(intake.policy)
        self.budget = budget or ByteBudget()
        self._threads = CapacityLimiter(MOST_DECODED_AT_ONCE)

    async def take(self, encoding: str, body: Arrived, share: Share) -> ExportTraceServiceResponse:
        """Answers once the request's spans are on disk. `encoding` is one of PARSERS. Raises one of REFUSED.

        `share` is what the body has of the budget. It goes back once the spans are queued, as the queue has a
        limit of its own.
        """
        batch, committed = await to_thread.run_sync(self._taken, encoding, body, share, limiter=self._threads)
        await asyncio.wrap_future(committed)
        return _acknowledgement(batch)

    def refused(self, error: CollectorError) -> Refusal:
        """What a request is answered that was not taken, which is counted."""
        self._intake.refusals.request(error)
        return refusal_of(error)

    def _taken(self, encoding: str, body: Arrived, share: Share) -> tuple[Batch, "Future[None]"]:
        with share:
            try:
                made = self._decoder.decoded(encoding, body)
                return made.batch, self._intake.accept(made)
            # Any other answer than "come back" would lose the spans for a moment's lack.
            except MemoryError as error:
                raise TooMuchInHand() from error


def _acknowledgement(batch: Batch) -> ExportTraceServiceResponse:
    answer = ExportTraceServiceResponse()
    if batch.rejected:
        log.warning("%s", batch.rejection())
        answer.partial_success.rejected_spans = len(batch.rejected)
        answer.partial_success.error_message = batch.rejection()
    return answer
