"""`POST /v1/traces`: OTLP/HTTP, protobuf or JSON, gzip or plain.

200 means committed. What a sender should try again is answered with 503 and `Retry-After`, never with
another 5xx or a redirect, which OpenTelemetry's exporters take as final.
"""

import asyncio
import logging
from concurrent.futures import Future

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from collector import wire
from collector.batch import Batch
from collector.errors import BodyTooLarge, NotOtlp, QueueFull, StoreError, UnstorableSpans
from collector.inflate import read_body
from collector.intake import Intake

log = logging.getLogger(__name__)

RETRY_SOON = {"Retry-After": "1"}


class TraceReceiver:
    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    async def receive(self, request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        encoding = request.headers.get("content-encoding", "identity").strip().lower()
        spoken = wire.WIRES.get(content_type)
        if spoken is None:
            known = " or ".join(wire.WIRES)
            return wire.JSON.error(415, wire.INVALID_ARGUMENT, f"content-type must be {known}")
        if encoding not in ("gzip", "identity", ""):
            return spoken.error(415, wire.INVALID_ARGUMENT, "content-encoding must be gzip or identity")
        try:
            body = await read_body(request.stream(), gzipped=encoding == "gzip")
            batch, committed = await run_in_threadpool(self._taken, spoken, body)
            await asyncio.wrap_future(committed)
        except (NotOtlp, UnstorableSpans, ClientDisconnect) as error:
            return spoken.error(400, wire.INVALID_ARGUMENT, str(error))
        except BodyTooLarge as error:
            return spoken.error(413, wire.INVALID_ARGUMENT, str(error))
        except QueueFull as error:
            return spoken.error(503, wire.RESOURCE_EXHAUSTED, str(error), RETRY_SOON)
        except StoreError as error:
            return spoken.error(503, wire.UNAVAILABLE, str(error), RETRY_SOON)
        return spoken.response(_acknowledgement(batch))

    def _taken(self, spoken: wire.Wire, body: bytes) -> tuple[Batch, "Future[None]"]:
        return self._intake.take(spoken.decode(body))


def _acknowledgement(batch: Batch) -> ExportTraceServiceResponse:
    answer = ExportTraceServiceResponse()
    if batch.rejected:
        log.warning("%s", batch.rejection())
        answer.partial_success.rejected_spans = len(batch.rejected)
        answer.partial_success.error_message = batch.rejection()
    return answer
