"""Limits that hold whatever runs at the same time: every call is paid for before it is sent.

A call reserves the most it can use (`estimates`) and gives back what it did not use when it ends. A
call that may have been billed without saying so keeps what it had reserved. What does not fit waits
for calls in flight to give something back; then it is shortened or refused. So the sum of what calls
use stays within the limits as far as each stays within its own estimate.

Most calls of a request reserve on one event loop. But a tool that runs in a thread may ask a composite from there, on
another loop and even when the request is over, and what it asks is part of the request: so there is a lock, and whoever
waits for room is woken on his own loop.
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil, floor, fsum, inf
from typing import NamedTuple

from composite_llm.accounting.estimates import Estimate
from composite_llm.accounting.reservation import Reservation
from composite_llm.accounting.waiting import Waiting
from composite_llm.request.options import Limits

SHORTEST_ANSWER = 128
"""Tokens. A call is not shortened below this: what it costs to ask would buy nothing to read."""

_ROUNDING_USD = 1e-12


class Room(NamedTuple):
    """What is left of each limit."""

    calls: float
    tokens: float
    usd: float


@dataclass(slots=True)
class Budget:
    """Of one composite request; one nested in another also draws on the other's."""

    limits: Limits
    parent: "Budget | None" = None
    as_final: bool = False
    """Whether this composite is the final call of the one around it, and so may use its reserve."""
    refused: int = 0
    """Calls that were not made, hedges not among them."""
    shortened: int = 0
    _reservations: list[Reservation] = field(default_factory=list[Reservation])
    _waiting: Waiting = field(default_factory=Waiting)
    """For room anywhere in the tree: its root's."""
    _own_lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def limited(self) -> bool:
        return any(limits.limited for limits in self._all_limits)

    @property
    def counts_tokens(self) -> bool:
        return any(
            limits.max_tokens is not None or limits.max_cost_usd is not None for limits in self._all_limits
        )

    @property
    def stops(self) -> bool:
        """Whether the request ends with the first call there is no room for."""
        return any(limits.limited and limits.on_exceeded == "stop" for limits in self._all_limits)

    @property
    def described(self) -> str:
        """The limits in words: `max_cost_usd=0.5, max_calls=20`."""
        names = ("max_cost_usd", "max_calls", "max_tokens")
        given = [(name, getattr(limits, name)) for limits in self._all_limits for name in names]
        return ", ".join(f"{name}={most}" for name, most in given if most is not None)

    async def reserve(
        self, wanted: Estimate, *, final: bool, among: int = 1, patient: bool = True
    ) -> Reservation | None:
        """Room for one call; None when there is none, and `patient` waiting will make none.

        `among` is how many calls side by side share what is left, this one included.
        """
        began = time.monotonic()
        reservation = await self._reserved(wanted, final, among, patient)
        if reservation:
            reservation.waited_s = time.monotonic() - began
        return reservation

    async def _reserved(self, wanted: Estimate, final: bool, among: int, patient: bool) -> Reservation | None:
        while True:
            with self._lock:
                if reservation := self._fitting(wanted, self._room(final), among):
                    return reservation
                if not patient or not self._root._in_flight():
                    return self._fitting(wanted, self._room(final), 1) or self._refuse(counted=patient)
                changed = self._root._waiting.ticket()
            await changed.wait()

    def wake(self) -> None:
        """Let those who wait for room look again."""
        self._root._waiting.wake()

    @property
    def calls(self) -> int:
        return len(self._reservations)

    @property
    def tokens(self) -> int:
        return sum(reservation.tokens for reservation in self._reservations)

    @property
    def usd(self) -> float:
        return fsum(reservation.usd for reservation in self._reservations)

    @property
    def usd_left(self) -> float | None:
        """Of the tightest limit, before the next call is made; None where there is none."""
        with self._lock:
            left = self._room(final=True).usd
        return None if left == inf else max(0.0, left)

    def _fitting(self, wanted: Estimate, room: Room, among: int) -> Reservation | None:
        if room.calls < 1:
            return None
        longest = wanted.longest_within(room.tokens / among, (room.usd + _ROUNDING_USD) / among)
        if wanted.longest_answer is not None and wanted.longest_answer <= longest:
            return self._hold(wanted, wanted.longest_answer, None)
        if longest == inf:  # only calls are limited
            return self._hold(wanted, wanted.longest_answer or 0, None)
        if self.stops or longest < min(SHORTEST_ANSWER, wanted.longest_answer or inf):
            return None
        return self._hold(wanted, floor(longest), floor(longest))

    def _hold(self, wanted: Estimate, answer: int, max_tokens: int | None) -> Reservation:
        reservation = Reservation(self, max_tokens, wanted.tokens(answer), wanted.usd(answer))
        for budget, _ in self._levels(final=True):
            budget._reservations.append(reservation)
            budget.shortened += max_tokens is not None
        return reservation

    def _refuse(self, *, counted: bool) -> None:
        for budget, _ in self._levels(final=True):
            budget.refused += counted

    def _room(self, final: bool) -> Room:
        levels = [budget._own_room(final) for budget, final in self._levels(final)]
        return Room(*map(min, zip(*levels, strict=True)))

    def _own_room(self, final: bool) -> Room:
        limits, kept = self.limits, 0.0 if final else self.limits.reserve_for_final
        spared = 0 if final else max(1, ceil((limits.max_calls or 0) * kept))
        return Room(
            inf if limits.max_calls is None else limits.max_calls - spared - self.calls,
            inf if limits.max_tokens is None else limits.max_tokens * (1 - kept) - self.tokens,
            inf if limits.max_cost_usd is None else limits.max_cost_usd * (1 - kept) - self.usd,
        )

    def _in_flight(self) -> bool:
        return any(reservation.in_flight for reservation in self._reservations)

    @property
    def _lock(self) -> threading.RLock:
        return self._root._own_lock

    @property
    def _all_limits(self) -> list[Limits]:
        return [budget.limits for budget, _ in self._levels(final=True)]

    @property
    def _root(self) -> "Budget":
        *_, (root, _) = self._levels(final=True)
        return root

    def _levels(self, final: bool) -> Iterator[tuple["Budget", bool]]:
        """This budget and those around it, each with whether the call is its final one."""
        budget: Budget | None = self
        while budget is not None:
            yield budget, final
            final = final and budget.as_final
            budget = budget.parent
