"""`POST /v1/traces`: OTLP/HTTP, protobuf or JSON, gzip, deflate or plain.

200 means committed. What a sender should try again is answered with 503 and `Retry-After`, never with
another 5xx or a redirect, which OpenTelemetry's exporters take as final.
"""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from collector.receivers import wire
from collector.receivers.inflate import BODY_LIMIT, COMPRESSIONS, arrived
from collector.receivers.reception import REFUSED, RETRY_SOON, Reception

PATH = "/v1/traces"
ENCODINGS = {"Accept-Encoding": ", ".join(COMPRESSIONS)}


class TraceReceiver:
    def __init__(self, reception: Reception, body_limit: int = BODY_LIMIT) -> None:
        self._reception = reception
        self._body_limit = body_limit

    def routes(self) -> list[Route]:
        """The last two say what is wrong with a request that was probably meant for the first."""
        return [
            Route(PATH, self.receive, methods=["POST"]),
            Route(PATH, _not_posted, methods=["GET", "PUT", "PATCH", "DELETE", "OPTIONS"]),
            Route("/v1/{signal}", _no_trace, methods=["POST"]),
        ]

    async def receive(self, request: Request) -> Response:
        encoding = request.headers.get("content-encoding", "").strip().lower().replace("identity", "")
        spoken = wire.spoken_by(request)
        if spoken is None:
            known = " or ".join(wire.WIRES)
            return wire.JSON.error(415, wire.INVALID_ARGUMENT, f"content-type must be {known}")
        if encoding and encoding not in COMPRESSIONS:
            known = ", ".join((*COMPRESSIONS, "identity"))
            message = f"content-encoding must be one of {known}"
            return spoken.error(415, wire.INVALID_ARGUMENT, message, ENCODINGS)
        try:
            with self._reception.budget.share() as share:
                body = await arrived(
                    request.stream(), compressed=bool(encoding), limit=self._body_limit, counted=share
                )
                return spoken.response(await self._reception.take(spoken.encoding, body, share))
        except ClientDisconnect:
            return spoken.error(400, wire.INVALID_ARGUMENT, "the body ended too early")
        except REFUSED as error:
            refusal = self._reception.refused(error)
            headers = RETRY_SOON if refusal.again else None
            return spoken.error(refusal.status, refusal.code, str(error), headers)


async def _not_posted(request: Request) -> Response:
    spoken = wire.spoken_in(request.scope)
    message = f"spans are sent with POST {PATH}, not {request.method}"
    return spoken.error(405, wire.UNIMPLEMENTED, message, {"Allow": "POST"})


async def _no_trace(request: Request) -> Response:
    spoken = wire.spoken_in(request.scope)
    message = f"there is no {request.url.path}: this collector keeps traces alone, sent to {PATH}"
    return spoken.error(404, wire.NOT_FOUND, message)
