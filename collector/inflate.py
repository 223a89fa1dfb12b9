"""Bodies of unknown size, taken in and decompressed piece by piece, never past a limit.

A gzip body of a few kilobytes can hold gigabytes, so the limit is checked as the bytes come out.
"""

import zlib
from collections.abc import AsyncIterable

from collector.errors import BodyTooLarge, NotOtlp

BODY_LIMIT = 64 * 1024 * 1024
"""What OTLP recommends, counted after decompression."""

GZIP = 31
"""zlib's number for "gzip, largest window"."""


async def read_body(pieces: AsyncIterable[bytes], *, gzipped: bool, limit: int = BODY_LIMIT) -> bytes:
    body = GzipBody(limit) if gzipped else PlainBody(limit)
    async for piece in pieces:
        body.feed(piece)
    return body.finish()


def inflate(body: bytes, limit: int = BODY_LIMIT) -> bytes:
    inflated = GzipBody(limit)
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


class GzipBody:
    """Bytes out of gzip, up to the limit. Several gzip members in a row are one body."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._body = bytearray()
        self._member = zlib.decompressobj(GZIP)

    def feed(self, piece: bytes) -> None:
        try:
            while piece:
                if self._member.eof:
                    self._member = zlib.decompressobj(GZIP)
                room = self._limit - len(self._body)
                self._body += self._member.decompress(piece, room + 1)
                if len(self._body) > self._limit:
                    raise BodyTooLarge(self._limit)
                piece = self._member.unused_data
        except zlib.error as error:
            raise NotOtlp(f"the body is not gzip: {error}") from error

    def finish(self) -> bytes:
        if not self._member.eof:
            raise NotOtlp("the gzip body ends too early")
        return bytes(self._body)
