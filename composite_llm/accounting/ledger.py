"""What the calls of one composite request used and cost.

Only calls are booked; a stage or a request is the sum of its calls, so nothing is
counted twice. A price that is not known stays unknown: it is listed, never taken as 0.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import fsum
from typing import Literal

CostStatus = Literal["known", "partial", "unknown"]


UNWANTED = frozenset({"cancelled", "hedge_lost", "discarded"})
"""Outcomes of calls that did not fail: their answer was no longer wanted. They may be billed all the same."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call. `input` includes cached and cache-write tokens, `output` includes reasoning."""

    input: int = 0
    output: int = 0
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    estimated: bool = False
    """True where any of it was counted here, since the provider told nothing."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.cache_write + other.cache_write,
            self.reasoning + other.reasoning,
            self.estimated or other.estimated,
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars of one call."""

    total: float
    input: float | None = None
    output: float | None = None
    """The parts, None where only the sum is known: with fees, or by a price that no table splits."""
    by_provider: bool = False
    """True where the provider has named it, and no table was asked."""
    own_price: str = ""
    """The version of the user's own price it was worked out by; empty where none was asked."""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One attempt at one model call, as the receipt shows it."""

    stage: str
    role: str
    index: int
    attempt: int
    model: str
    outcome: str  # ok | cached | empty | error | timeout | cancelled | hedge_lost | discarded
    seconds: float
    usage: Usage | None
    """None when the provider reported none."""
    cost: Cost | None
    """None when the price is not known, or nothing was reported to price."""
    simulated: bool = False
    refused: bool = False
    """The provider would not take the call or was never reached, so nothing was used."""
    error: str = ""
    hedge: bool = False
    """Sent beside an attempt that took long, and not after one that failed."""
    recorded_below: bool = False
    """A composite on another server, whose own calls stand below this one in the same store, and count there."""

    @property
    def failed(self) -> bool:
        return self.outcome not in UNWANTED | {"ok", "cached"}

    @property
    def unpriced(self) -> bool:
        """True when tokens were used, or may have been, and no price could be put on them."""
        return self.cost is None and not self.refused


@dataclass(slots=True)
class Ledger:
    """The books of a request; each stage keeps a page of its own that also counts for the whole."""

    parent: "Ledger | None" = None
    calls: list[CallRecord] = field(default_factory=list[CallRecord])
    on_booked: Callable[[CallRecord], None] | None = None
    """Is told of each call, also of one that ends late."""
    _open: set[int] = field(default_factory=set[int])
    """Pages that somebody still writes on: a tool in a thread goes on when the request it ran for was given up."""

    def open(self) -> None:
        """From now on there may be calls that are not booked yet, so the cost of what is around is not known."""
        for ledger in self._ancestors():
            ledger._open.add(id(self))

    def close(self) -> None:
        for ledger in self._ancestors():
            ledger._open.discard(id(self))

    def book(self, call: CallRecord) -> None:
        for ledger in (self, *self._ancestors()):
            ledger.calls.append(call)
            if ledger.on_booked:
                ledger.on_booked(call)

    @property
    def usage(self) -> Usage:
        return sum((call.usage for call in self.calls if call.usage), Usage())

    @property
    def known_cost_usd(self) -> float:
        """Sum of the priced calls: the whole cost only when `cost_status` is `known`."""
        return fsum(call.cost.total for call in self.calls if call.cost)

    @property
    def cost_status(self) -> CostStatus:
        if not self._open and not any(call.unpriced for call in self.calls):
            return "known"
        return "partial" if any(call.cost for call in self.calls) else "unknown"

    @property
    def cost_usd(self) -> float | None:
        """The whole cost, or None when some part of it is not known."""
        return self.known_cost_usd if self.cost_status == "known" else None

    @property
    def unpriced_models(self) -> list[str]:
        return sorted({call.model for call in self.calls if call.unpriced})

    @property
    def failures(self) -> int:
        return sum(call.failed for call in self.calls)

    def _ancestors(self) -> Iterator["Ledger"]:
        ledger = self.parent
        while ledger is not None:
            yield ledger
            ledger = ledger.parent
