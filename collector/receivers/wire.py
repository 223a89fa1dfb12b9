"""The two encodings of OTLP over HTTP. An answer uses the one its request came in."""

from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

INVALID_ARGUMENT = 3
NOT_FOUND = 5
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
ABORTED = 10
UNIMPLEMENTED = 12
UNAVAILABLE = 14
UNAUTHENTICATED = 16


@dataclass(frozen=True, slots=True)
class Wire:
    content_type: str
    encoding: str
    """By its name in `otlp.PARSERS`."""
    encode: Callable[[Message], bytes]

    def response(
        self, message: Message, status: int = 200, headers: dict[str, str] | None = None
    ) -> Response:
        return Response(self.encode(message), status, headers, media_type=self.content_type)

    def error(self, status: int, code: int, message: str, headers: dict[str, str] | None = None) -> Response:
        return self.response(Status(code=code, message=message), status, headers)


def _to_protobuf(message: Message) -> bytes:
    return message.SerializeToString()


def _to_json(message: Message) -> bytes:
    return json_format.MessageToJson(message, indent=None).encode()


PROTOBUF = Wire("application/x-protobuf", "protobuf", _to_protobuf)
JSON = Wire("application/json", "json", _to_json)
WIRES = {wire.content_type: wire for wire in (PROTOBUF, JSON)}


def spoken_by(request: Request) -> Wire | None:
    """The encoding a request names as its own."""
    return WIRES.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())


def spoken_in(scope: Scope) -> Wire:
    """The encoding to answer a request in that is refused before anything reads it."""
    return spoken_by(Request(scope)) or JSON
