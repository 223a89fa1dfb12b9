"""Bodies of unknown size, taken in and decompressed piece by piece, never past a limit.

A compressed body of a few kilobytes can hold gigabytes. So it stays compressed until somebody decodes it, and
the limit is checked as the bytes come out.
"""

import io
import zlib
from collections import deque
from collections.abc import AsyncIterable
from typing import Protocol

from collector.errors import BodyTooLarge, CollectorError, NotOtlp

BODY_LIMIT = 64 * 1024 * 1024
"""What OTLP recommends, counted after decompression."""

COMPRESSIONS = ("gzip", "deflate")
"""By their names in HTTP. OTLP demands the first; OpenTelemetry's Python exporters can be set to the second."""
GZIP_OR_ZLIB = 47
"""zlib's number for "largest window, in whichever of its two envelopes"."""
STEP = 256 * 1024
"""What comes out at a time, and so how far past the limit a body can get."""
PIECE = 16 * 1024
"""What goes in at a time: zlib copies the rest of a piece at every step."""


class Counted(Protocol):
    """Told of every byte that is held. May refuse more."""

    def grow(self, size: int) -> None: ...
    def shrink(self, size: int) -> None: ...


class Uncounted:
    def grow(self, size: int) -> None: ...
    def shrink(self, size: int) -> None: ...


class PlainBody:
    """Bytes as they come, up to the limit."""

    compressed = False

    def __init__(self, limit: int, counted: Counted) -> None:
        self.limit = limit
        self._counted = counted
        self._body = io.BytesIO()

    def feed(self, piece: bytes) -> None:
        if self.size + len(piece) > self.limit:
            raise BodyTooLarge(self.limit)
        self._counted.grow(len(piece))
        self._body.write(piece)

    @property
    def size(self) -> int:
        return self._body.tell()

    def sent(self) -> bytes:
        """Shares its memory with the body."""
        return self._body.getvalue()

    def let_go(self) -> None:
        self._body = io.BytesIO()

    def whole(self) -> bytes:
        """Once: afterwards only the caller has it. BytesIO hands its buffer over without a copy."""
        body, self._body = self._body, io.BytesIO()
        return body.getvalue()


class CompressedBody:
    """Bytes of gzip or zlib, kept as they come. Several gzip members in a row are one body."""

    compressed = True

    def __init__(self, limit: int, counted: Counted) -> None:
        self.limit = limit
        self.size = 0
        """As it was sent."""
        self._counted = counted
        self._pieces: deque[bytearray] = deque()

    def feed(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > self.limit:
            raise BodyTooLarge(self.limit)
        self._counted.grow(len(piece))
        # Each piece takes some memory beside its bytes, so a sender of single bytes would take much more.
        if not self._pieces or len(self._pieces[-1]) >= PIECE:
            self._pieces.append(bytearray())
        self._pieces[-1] += piece

    def sent(self) -> bytes:
        return b"".join(self._pieces)

    def let_go(self) -> None:
        self._pieces.clear()

    def whole(self) -> bytes:
        """Decompressed, letting go of what it was made of on the way."""
        inflated = Inflated(self.limit, self._counted)
        while self._pieces:
            piece = self._pieces.popleft()
            inflated.feed(piece)
            self._counted.shrink(len(piece))
        return inflated.finish()


async def read_body(
    pieces: AsyncIterable[bytes], *, compressed: bool, limit: int = BODY_LIMIT, counted: Counted | None = None
) -> bytes:
    return (await arrived(pieces, compressed=compressed, limit=limit, counted=counted or Uncounted())).whole()


async def arrived(
    pieces: AsyncIterable[bytes], *, compressed: bool, limit: int, counted: Counted
) -> PlainBody | CompressedBody:
    """The body once all of it is there, as it was sent."""
    body = (CompressedBody if compressed else PlainBody)(limit, counted)
    async for piece in pieces:
        body.feed(piece)
    return body


def inflate(body: bytes, limit: int = BODY_LIMIT, counted: Counted | None = None) -> bytes:
    inflated = Inflated(limit, counted or Uncounted())
    for start in range(0, len(body), PIECE):
        inflated.feed(body[start : start + PIECE])
    return inflated.finish()


class Inflated:
    """What comes out of gzip or zlib, up to the limit."""

    def __init__(self, limit: int, counted: Counted) -> None:
        self._body = PlainBody(limit, counted)
        self._member = zlib.decompressobj(GZIP_OR_ZLIB)

    def feed(self, piece: bytes | bytearray) -> None:
        try:
            self._inflate(piece)
        except zlib.error as error:
            raise NotOtlp(f"the body is not compressed as it says: {error}") from error

    def finish(self) -> bytes:
        if not self._member.eof:
            raise NotOtlp("the compressed body ends too early")
        return self._body.whole()

    def _inflate(self, piece: bytes | bytearray) -> None:
        full = False
        # A full step may leave more inside zlib, even when all of the input is used up.
        while piece or full:
            if self._member.eof:
                self._member = zlib.decompressobj(GZIP_OR_ZLIB)
            inflated = self._member.decompress(piece, STEP)
            try:
                self._body.feed(inflated)
            except CollectorError:
                # Too large: the error's traceback may keep this object for a while.
                self._body.whole()
                raise
            full = len(inflated) == STEP and not self._member.eof
            piece = self._member.unconsumed_tail or self._member.unused_data
