"""Reads what a killed program or a power cut left of a spooled request: every span that is there whole."""

import zlib
from typing import Any

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans

from collector.errors import BodyTooLarge, NotOtlp
from collector.receivers.inflate import BODY_LIMIT
from collector.spans.otlp import from_protobuf

LEVELS: tuple[tuple[type[Message], str], ...] = (
    (ExportTraceServiceRequest, "resource_spans"),
    (ResourceSpans, "scope_spans"),
    (ScopeSpans, "spans"),
)
"""Each with the field that holds the next, and at last the spans."""


GZIP = 31
"""zlib's number for "gzip, largest window"."""


def read_request(file: bytes, limit: int = BODY_LIMIT) -> tuple[ExportTraceServiceRequest, bool]:
    """The request, and whether its end is missing. Raises NotOtlp, BodyTooLarge.

    A file that ends too early holds what was written so far; one whose bytes are wrong in the middle is
    refused, since nobody can say which of them are right.
    """
    try:
        body, torn = _inflated(file, limit)
    except NotOtlp:
        # After a power cut, blocks that were never written read as zeros.
        if not file.endswith(b"\0"):
            raise
        body, torn = _inflated(file.rstrip(b"\0"), limit)
    if not torn:
        return from_protobuf(body), False
    try:
        return _whole_part(memoryview(body), 0), True
    except DecodeError as error:
        raise NotOtlp(f"the file is no ExportTraceServiceRequest: {error}") from error


def _inflated(file: bytes, limit: int) -> tuple[bytes, bool]:
    """What comes out of gzip, and whether its end is missing."""
    member = zlib.decompressobj(GZIP)
    try:
        body = member.decompress(file, limit + 1)
    except zlib.error as error:
        raise NotOtlp(f"the file is not gzip, or damaged: {error}") from error
    if len(body) > limit:
        raise BodyTooLarge(limit)
    return body, not member.eof


def _whole_part(data: memoryview, level: int) -> Any:
    """The message of this level as far as it goes, without the span that is cut."""
    kind, inner_field = LEVELS[level]
    inner_number = kind.DESCRIPTOR.fields_by_name[inner_field].number
    position, cut = 0, None
    while (field := _field_at(data, position)) is not None:
        number, start, end = field
        if end > len(data):
            cut = data[start:] if number == inner_number else None
            break
        position = end
    message = kind.FromString(bytes(data[:position]))
    if cut is not None and level + 1 < len(LEVELS):
        getattr(message, inner_field).append(_whole_part(cut, level + 1))
    return message


def _field_at(data: memoryview, position: int) -> tuple[int, int, int] | None:
    """Number of the field there, where its value starts and ends; None when not even that can be read."""
    key = _varint(data, position)
    if key is None:
        return None
    tag, start = key
    match tag & 7:  # protobuf's wire type
        case 0:  # a number
            value = _varint(data, start)
            return None if value is None else (tag >> 3, start, value[1])
        case 1:  # eight bytes
            return tag >> 3, start, start + 8
        case 5:  # four bytes
            return tag >> 3, start, start + 4
        case 2:  # as long as it says
            length = _varint(data, start)
            return None if length is None else (tag >> 3, length[1], length[1] + length[0])
        case _:
            raise DecodeError("unknown wire type")


def _varint(data: memoryview, position: int) -> tuple[int, int] | None:
    """A number and where it ends; None if the data ends first."""
    number = 0
    for shift in range(0, 70, 7):
        if position >= len(data):
            return None
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
    raise DecodeError("a number of more than 64 bits")
