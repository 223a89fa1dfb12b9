"""Bodies of unknown size, taken in and decompressed piece by piece, never past a limit.

A compressed body of a few kilobytes can hold gigabytes, so the limit is checked as the bytes come out.
"""

import zlib
from collections.abc import AsyncIterable

from collector.errors import BodyTooLarge, NotOtlp

BODY_LIMIT = 64 * 1024 * 1024
"""What OTLP recommends, counted after decompression."""

COMPRESSIONS = ("gzip", "deflate")
"""By their names in HTTP. OTLP demands the first; OpenTelemetry's Python exporters can be set to the second."""
GZIP_OR_ZLIB = 47
"""zlib's number for "largest window, in whichever of its two envelopes"."""
STEP = 256 * 1024
"""What comes out at a time, and so how far past the limit a body can get."""


async def read_body(pieces: AsyncIterable[bytes], *, compressed: bool, limit: int = BODY_LIMIT) -> bytes:
    body = CompressedBody(limit) if compressed else PlainBody(limit)
    async for piece in pieces:
        body.feed(piece)
    return body.finish()


def inflate(body: bytes, limit: int = BODY_LIMIT) -> bytes:
    inflated = CompressedBody(limit)
    inflated.feed(body)
    return inflated.finish()


class PlainBody:
    """Bytes as they come, up to the limit."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._body = bytearray()

    def feed(self, piece: bytes) -> None:
        self._body += piece
        if len(self._body) > self._limit:
            raise BodyTooLarge(self._limit)

    def finish(self) -> bytes:
        return bytes(self._body)


class CompressedBody:
    """Bytes out of gzip or zlib, up to the limit. Several gzip members in a row are one body."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._body = bytearray()
        self._member = zlib.decompressobj(GZIP_OR_ZLIB)

    def feed(self, piece: bytes) -> None:
        try:
            self._inflate(piece)
        except zlib.error as error:
            raise NotOtlp(f"the body is not compressed as it says: {error}") from error

    def finish(self) -> bytes:
        if not self._member.eof:
            raise NotOtlp("the compressed body ends too early")
        return bytes(self._body)

    def _inflate(self, piece: bytes) -> None:
        full = False
        # A full step may leave more inside zlib, even when all of the input is used up.
        while piece or full:
            if self._member.eof:
                self._member = zlib.decompressobj(GZIP_OR_ZLIB)
            inflated = self._member.decompress(piece, STEP)
            self._body += inflated
            if len(self._body) > self._limit:
                # The error's traceback may keep this object for a while.
                self._body.clear()
                raise BodyTooLarge(self._limit)
            full = len(inflated) == STEP and not self._member.eof
            piece = self._member.unconsumed_tail or self._member.unused_data
