"""Two modes side by side, in words: by how much they differ, and how sure that is.

What is compared is the median, the typical run: one run that got lost in retries moves it by one place. Each median lies
in its interval with 97.5 % certainty (the sign test's, by ranks), so their ratio lies between the intervals' ratios with
95 % (Bonferroni); nothing is assumed about how runs are spread. Shares of runs with errors differ by Newcombe's interval
(method 10, Statistics in Medicine 17:873, 1998), which is made of Wilson's two.
"""

from dataclasses import dataclass
from math import sqrt

from dashboard import fmt
from dashboard.answers import Totals
from dashboard.answers.modes import Measure

Z = 1.96
NEEDED_RUNS = 9
"""With fewer the median has no interval: see `run_measures.sql`."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of a typical run of the one to one of the other."""

    value: float
    least: float | None
    """The ratio lies between this and `most` with 95 % certainty; None where there are too few runs."""
    most: float | None

    @property
    def is_told_apart(self) -> bool:
        return self.least is not None and self.most is not None and not self.least <= 1 <= self.most


def ratio(one: Measure, other: Measure) -> Ratio | None:
    """None where there is nothing to divide by."""
    if other.p50 <= 0:
        return None
    bounds = (one.median_least, one.median_most, other.median_least, other.median_most)
    if any(bound is None for bound in bounds) or not other.median_least or not one.median_most:
        return Ratio(one.p50 / other.p50, None, None)
    return Ratio(
        one.p50 / other.p50,
        (one.median_least or 0.0) / (other.median_most or 1.0),
        one.median_most / other.median_least,
    )


VERBS = {
    "cost_usd": ("costs {} as much as one of {}", "cost the same"),
    "latency_ms": ("takes {} as long as one of {}", "take equally long"),
    "tokens": ("uses {} as many tokens as one of {}", "use as many tokens"),
    "calls": ("makes {} as many calls as one of {}", "make as many calls"),
}


def sentence(name: str, other_name: str, one: Measure, other: Measure) -> str:
    """`A typical run of council costs 3.1× as much as one of moa (2.4× to 3.9×, 41 and 37 runs).` The larger one leads."""
    if one.p50 < other.p50:
        name, other_name, one, other = other_name, name, other, one
    differ, same = VERBS[one.measure]
    runs = f"{one.runs:,} and {fmt.plural(other.runs, 'run')}"
    found = ratio(one, other)
    if one.p50 == other.p50:
        return f"Typical runs of {name} and {other_name} {same} ({runs})."
    if found is None:
        return f"A typical run of {name} {_without_times(one)}, one of {other_name} none ({runs})."
    text = f"A typical run of {name} {differ.format(times(found.value), other_name)}"
    if found.least is None or found.most is None:
        return f"{text}; too few runs to say how sure that is ({runs}, {NEEDED_RUNS} of each are needed)."
    if found.least == found.most:
        return f"{text} ({runs}, which do not differ among themselves)."
    between = f"{times(found.least)} to {times(found.most)}"
    if found.is_told_apart:
        return f"{text} ({between} with 95 % certainty, {runs})."
    return f"{text}, but they cannot be told apart: it may be {between} ({runs})."


def _without_times(one: Measure) -> str:
    value = fmt.money(one.p50) if one.measure == "cost_usd" else f"{one.p50:,.0f}"
    return {"cost_usd": f"costs {value}", "latency_ms": f"takes {fmt.duration(one.p50)}"}.get(
        one.measure, f"has {value} {one.measure}"
    )


def times(value: float) -> str:
    """`3.1×`, `12×`, `0.82×`, `1.04×`."""
    if value >= 9.95:
        return f"{value:,.0f}×"
    return f"{value:.1f}×" if value >= 1.95 else f"{value:.2f}×"


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Between which a share lies with 95 % certainty (Wilson 1927)."""
    share, square = part / whole, Z * Z
    middle = share + square / (2 * whole)
    away = Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    scale = 1 + square / whole
    return (middle - away) / scale, (middle + away) / scale


def difference(part: int, whole: int, other_part: int, other_whole: int) -> tuple[float, float]:
    """Between which the difference of two shares lies with 95 % certainty (Newcombe 1998, method 10)."""
    share, other = part / whole, other_part / other_whole
    low, high = wilson(part, whole)
    other_low, other_high = wilson(other_part, other_whole)
    apart = share - other
    return (
        apart - sqrt((share - low) ** 2 + (other_high - other) ** 2),
        apart + sqrt((high - share) ** 2 + (other - other_low) ** 2),
    )


def errors_sentence(name: str, other_name: str, one: Totals, other: Totals) -> str:
    """How often something failed in a run."""
    if not one.runs_with_errors and not other.runs_with_errors:
        return f"Nothing failed in any run of either ({one.runs:,} and {fmt.plural(other.runs, 'run')})."
    shares = (
        f"Something failed in {fmt.share(one.runs_with_errors, one.runs)} of the runs of {name} and "
        f"{fmt.share(other.runs_with_errors, other.runs)} of those of {other_name} "
        f"({one.runs_with_errors:,} of {one.runs:,}, {other.runs_with_errors:,} of {other.runs:,})"
    )
    least, most = difference(one.runs_with_errors, one.runs, other.runs_with_errors, other.runs)
    if least <= 0 <= most:
        return f"{shares}, which does not tell them apart."
    return f"{shares}: {100 * min(abs(least), abs(most)):.0f} to {100 * max(abs(least), abs(most)):.0f} points apart with 95 % certainty."
