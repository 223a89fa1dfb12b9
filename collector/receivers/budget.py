"""How many bytes of bodies may be in memory at once, over all requests and both protocols.

A limit for each body alone bounds nothing: many half-sent ones would add up. Past the budget a request is
refused at once, not kept waiting, because what waits holds memory too; its sender tries again.
"""

import threading
from typing import Self

from collector.errors import TooMuchInHand
from collector.receivers.inflate import BODY_LIMIT

BODIES_AT_ONCE = 3
"""Of the largest size, in bytes of the whole budget."""
LEAST = 64 * 1024 * 1024
SMALL = 1024 * 1024
RESERVE = 4
"""The part of the budget, a fourth, that large bodies leave to small ones, which nearly all are."""


class ByteBudget:
    def __init__(self, body_limit: int = BODY_LIMIT) -> None:
        self.most = max(LEAST, BODIES_AT_ONCE * body_limit)
        self._held = 0
        # Bodies come in on the event loop and are inflated in threads.
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        return self._held

    def share(self) -> "Share":
        return Share(self)

    def take(self, size: int, *, small: bool) -> None:
        most = self.most if small else self.most - self.most // RESERVE
        with self._lock:
            if self._held + size > most:
                raise TooMuchInHand()
            self._held += size

    def give_back(self, size: int) -> None:
        with self._lock:
            self._held -= size


class Share:
    """What one request has of the budget; all of it goes back with the `with` block, however that ends."""

    def __init__(self, budget: ByteBudget) -> None:
        self._budget = budget
        self._size = 0

    @property
    def size(self) -> int:
        return self._size

    def grow(self, size: int) -> None:
        self._budget.take(size, small=self._size + size <= SMALL)
        self._size += size

    def shrink(self, size: int) -> None:
        self._size -= size
        self._budget.give_back(size)

    def close(self) -> None:
        self.shrink(self._size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
