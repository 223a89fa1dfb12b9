"""Decodes what arrives, whatever the receiver: beside the collector's process while there is much, else in it."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from collector.content.policy import ContentPolicy
from collector.decoding.beside import DecodingBeside
from collector.decoding.decoded import Decoded, decoded
from collector.decoding.handover import Body
from collector.spans.otlp import PARSERS

MOST_HERE = 3
"""They take turns at Python's lock anyway, and each takes memory. Large bodies have room for two in all, so that
small ones always have a place."""
MANY, MUCH = 3, 2 * 1024 * 1024
"""Bodies in hand, and bytes of them, from which on a process beside this one is worth its start."""
LARGEST_BESIDE = 8 * 1024 * 1024
"""Decompressed. What is larger is rare, and would make that process as large as this one."""


class Arrived(Protocol):
    """A body, all of which is there."""

    compressed: bool
    limit: int
    """In bytes, after decompression."""

    @property
    def size(self) -> int:
        """In bytes, as it was sent."""
        ...

    def sent(self) -> bytes:
        """As it was sent. It stays here."""
        ...

    def whole(self) -> bytes:
        """Decompressed; once, as the body may let go of it. Raises NotOtlp, BodyTooLarge or TooMuchInHand."""
        ...

    def let_go(self) -> None:
        """Nobody needs it any more."""
        ...


class Decoder:
    """`decoded` from any thread."""

    def __init__(self, policy: ContentPolicy, beside: DecodingBeside | None = None) -> None:
        """Without `beside`, all is decoded here."""
        self._policy = policy
        self._beside = beside
        self._here = threading.BoundedSemaphore(MOST_HERE)
        self._lock = threading.Lock()
        self._bodies = self._bytes = 0

    def decoded(self, encoding: str, body: Arrived) -> Decoded:
        """The body's rows. `encoding` is one of PARSERS. Raises as `body.whole`, and NotOtlp."""
        with self._in_hand(body.size):
            made = self._decoded_beside(encoding, body)
            if made is None:
                return self._decoded_here(encoding, body)
        body.let_go()
        return made

    @contextmanager
    def _in_hand(self, size: int) -> Generator[None]:
        with self._lock:
            self._bodies += 1
            self._bytes += size
            is_much = self._bodies >= MANY and self._bytes >= MUCH
        if is_much and self._beside:
            self._beside.start()
        try:
            yield
        finally:
            with self._lock:
                self._bodies -= 1
                self._bytes -= size

    def _decoded_beside(self, encoding: str, body: Arrived) -> Decoded | None:
        if self._beside is None or not self._beside.pid or body.size > LARGEST_BESIDE:
            return None
        limit = min(body.limit, LARGEST_BESIDE)
        return self._beside.decoded(Body(encoding, body.compressed, limit, body.sent()))

    def _decoded_here(self, encoding: str, body: Arrived) -> Decoded:
        # Decompressed only where few are at once, and held by nobody once it is parsed.
        with self._here:
            plain = body.whole()
            size = len(plain)
            request = PARSERS[encoding](plain)
            del plain
            return decoded(request, self._policy, size)
