"""What a typical request of a mode takes, in words: `4 – 10`, `$0.0016 – $0.0122`, `unknown`."""

from collections.abc import Sequence
from typing import Protocol

from dashboard.fmt import UNKNOWN, money


class Estimate(Protocol):
    """The engine's, or what it has told of it."""

    @property
    def least_calls(self) -> int: ...
    @property
    def most_calls(self) -> int: ...
    @property
    def least_usd(self) -> float | None: ...
    @property
    def most_usd(self) -> float | None: ...
    @property
    def unpriced(self) -> Sequence[str]: ...


def calls(known: Estimate | None) -> str:
    return UNKNOWN if known is None else _between(str(known.least_calls), str(known.most_calls))


def cost(known: Estimate | None) -> str:
    """Where only some calls have a price it is a lower bound of the least: nobody knows the most."""
    if known is None:
        return UNKNOWN
    if known.unpriced:
        return money(known.least_usd, lower_bound=True)
    return _between(money(known.least_usd), money(known.most_usd))


def most_cost(known: Estimate | None) -> tuple[str, str]:
    """The most it may cost, and a word about that: `$0.0122`, `at least $0.0016`."""
    if known is None or known.least_usd is None:
        return UNKNOWN, "no price known" if known else ""
    if known.unpriced:
        return money(known.least_usd, lower_bound=True), "lower bound"
    least, most = money(known.least_usd), money(known.most_usd)
    return most, "estimated" if least == most else f"at least {least}"


def _between(least: str, most: str) -> str:
    return least if least == most else f"{least} – {most}"
