"""OTLP/gRPC: `TraceService/Export`, with what OTLP/HTTP answers in gRPC's words.

gRPC would inflate a message by itself, in memory of its own and before anybody asked for a token. So it is
told to hand over the bytes as they came, and they are inflated like a body of HTTP, up to the same limit.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import grpc
import grpc.aio
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

from collector.errors import BodyStalled, NotOtlp
from collector.receivers import wire
from collector.receivers.access import Access, complaint
from collector.receivers.budget import Share
from collector.receivers.inflate import inflate
from collector.receivers.reception import REFUSED, SECONDS_TO_COME_BACK, Reception

SERVICE = trace_service_pb2.DESCRIPTOR.services_by_name["TraceService"].full_name
METHOD = f"/{SERVICE}/Export"
CODES = {code.value[0]: code for code in grpc.StatusCode}
MOST_REQUESTS_A_CONNECTION = 256
SECONDS_TO_FINISH = 2
MOST_READ_AT_ONCE = 4
"""gRPC gathers a message in memory of its own until all of it is there. Small ones are there at once."""
SECONDS_TO_READ = 10
"""As long as exporters wait for their answer."""
LONGEST_MESSAGE = 1000
"""An error's text travels as a header, and those have little room."""
ENVELOPES = (b"\x1f\x8b", b"\x78")
"""How gzip and zlib begin. A request begins with 0x0a, its only field."""


class GrpcReceiver:
    """Takes requests between `start` and `stop`, on the running event loop."""

    def __init__(self, reception: Reception, access: Access, body_limit: int) -> None:
        self._handlers = _Handlers(reception, access, body_limit)
        self._server = grpc.aio.server(
            options=[
                ("grpc.per_message_decompression", 0),
                ("grpc.max_receive_message_length", body_limit),
                ("grpc.max_concurrent_streams", MOST_REQUESTS_A_CONNECTION),
                # Two collectors at one port would each get half of the spans.
                ("grpc.so_reuseport", 0),
            ]
        )
        self._server.add_generic_rpc_handlers([self._handlers])

    async def start(self, address: str) -> int:
        """The port, which is a free one if `address` names port 0. Raises OSError if it cannot be had."""
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"{address} cannot be listened on") from error
        await self._server.start()
        return port

    async def stop(self) -> None:
        """Finishes what is in hand."""
        await self._server.stop(SECONDS_TO_FINISH)


class _Handlers(grpc.GenericRpcHandler):
    def __init__(self, reception: Reception, access: Access, body_limit: int) -> None:
        self._reception = reception
        self._access = access
        self._body_limit = body_limit
        self._readers = asyncio.Semaphore(MOST_READ_AT_ONCE)

    def service(self, handler_call_details: Any) -> Any:
        if handler_call_details.method != METHOD:
            return None
        metadata = dict(handler_call_details.invocation_metadata)
        authorization = str(metadata.get("authorization", ""))
        if not self._access.admits(authorization):
            # As a stream, because then nothing of what a stranger sends is read.
            return grpc.stream_unary_rpc_method_handler(partial(_turned_away, complaint(authorization)))
        # As a stream too, because then a message is gathered when it is asked for.
        return grpc.stream_unary_rpc_method_handler(self._export)

    async def _export(
        self, messages: AsyncIterator[bytes], context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> bytes:
        try:
            message = await self._read(messages)
            budget = self._reception.budget
            # Two, because gRPC itself holds on to the message until it is answered.
            with budget.share() as sent, budget.share() as inflated:
                sent.grow(len(message))
                body = _Message(message, self._body_limit, inflated)
                answer = await self._reception.take("protobuf", body, inflated)
                return answer.SerializeToString()
        except BodyStalled as error:
            return await _abort(context, wire.UNAVAILABLE, str(error), again=True)
        except REFUSED as error:
            refusal, said = self._reception.refused(error), str(error)
        # Not before: the error holds on to all that was inflated.
        return await _abort(context, refusal.code, said, again=refusal.again)

    async def _read(self, messages: AsyncIterator[bytes]) -> bytes:
        try:
            async with asyncio.timeout(SECONDS_TO_READ), self._readers:
                return await anext(aiter(messages))
        except TimeoutError as error:
            raise BodyStalled() from error
        except StopAsyncIteration as error:
            raise NotOtlp("the body is missing: no message came") from error


class _Message:
    """A body that is there at once."""

    def __init__(self, message: bytes, limit: int, counted: Share) -> None:
        self.compressed = message.startswith(ENVELOPES)
        self.limit = limit
        self.size = len(message)
        self._message = message
        self._counted = counted

    def sent(self) -> bytes:
        return self._message

    def let_go(self) -> None:
        """gRPC itself keeps it until it is answered."""

    def whole(self) -> bytes:
        return inflate(self._message, self.limit, self._counted) if self.compressed else self._message


async def _turned_away(message: str, _: Any, context: "grpc.aio.ServicerContext[Any, Any]") -> None:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, message)


async def _abort(
    context: "grpc.aio.ServicerContext[Any, Any]", code: int, message: str, *, again: bool
) -> Any:
    details = ()
    message = message[:LONGEST_MESSAGE]
    if again:
        retry = RetryInfo()
        retry.retry_delay.FromSeconds(SECONDS_TO_COME_BACK)
        packed = AnyMessage()
        packed.Pack(retry)
        status = Status(code=code, message=message, details=[packed])
        # The first is gRPC's own, read by most; the second is where OpenTelemetry's Python exporter looks.
        details = (
            ("grpc-status-details-bin", status.SerializeToString()),
            ("google.rpc.retryinfo-bin", retry.SerializeToString()),
        )
    await context.abort(CODES[code], message, details)
