"""What calls used and cost, put together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import pyarrow as pa

TEXT, WHOLE, REAL, TRUTH = pa.string(), pa.int64(), pa.float64(), pa.bool_()
SPENT = {
    "calls": WHOLE,
    "cost_usd": REAL,
    "unpriced_calls": WHOLE,
    "input_tokens": WHOLE,
    "output_tokens": WHOLE,
}


class Billed(Protocol):
    """A model call."""

    @property
    def cost_usd(self) -> float | None: ...
    @property
    def billing(self) -> str: ...
    @property
    def input_tokens(self) -> int: ...
    @property
    def output_tokens(self) -> int: ...


@dataclass(slots=True)
class Spent:
    calls: int = 0
    known_usd: float = 0.0
    unpriced: int = 0
    """Calls nobody could price: the known sum is a lower bound where there are any."""
    unbilled: int = 0
    """Calls that were refused, and cost nothing."""
    input_tokens: int = 0
    output_tokens: int = 0

    @classmethod
    def on(cls, calls: Iterable[Billed]) -> "Spent":
        spent = cls()
        for call in calls:
            spent.book(call)
        return spent

    def book(self, call: Billed) -> None:
        self.calls += 1
        self.known_usd += call.cost_usd or 0.0
        self.unpriced += call.billing == "unpriced"
        self.unbilled += call.billing == "unbilled"
        self.input_tokens += call.input_tokens
        self.output_tokens += call.output_tokens

    def add(self, other: "Spent") -> None:
        self.calls += other.calls
        self.known_usd += other.known_usd
        self.unpriced += other.unpriced
        self.unbilled += other.unbilled
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens

    def less(self, part: "Spent") -> "Spent":
        """Without calls that are among these. What is left of none is 0, not what adding floats left over."""
        calls = self.calls - part.calls
        return Spent(
            calls,
            max(0.0, self.known_usd - part.known_usd) if calls else 0.0,
            self.unpriced - part.unpriced,
            self.unbilled - part.unbilled,
            self.input_tokens - part.input_tokens,
            self.output_tokens - part.output_tokens,
        )

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    @property
    def cost_usd(self) -> float | None:
        """US dollars; a lower bound where some calls have no price, None where none that was billed has one."""
        priced = self.calls - self.unpriced - self.unbilled
        return None if self.unpriced and not priced else self.known_usd

    @property
    def columns(self) -> dict[str, Any]:
        """As `SPENT` names them."""
        return {
            "calls": self.calls,
            "cost_usd": self.cost_usd,
            "unpriced_calls": self.unpriced,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
        }
