"""Round values for axes, and how they are written."""

import math
from collections.abc import Sequence

from dashboard import fmt

SECOND_MS, MINUTE_MS, HOUR_MS = 1000.0, 60_000.0, 3_600_000.0
FINE_DURATIONS = (
    *(factor * 10.0**power for power in (-1, 0, 1, 2, 3) for factor in (1, 2, 5)),
    *(10 * SECOND_MS, 20 * SECOND_MS),
    *(minutes * MINUTE_MS for minutes in (1, 2, 5, 10, 30)),
    *(hours * HOUR_MS for hours in (1, 2, 5, 10, 24)),
)
COARSE_DURATIONS = (
    0.1,
    1.0,
    10.0,
    100.0,
    SECOND_MS,
    10 * SECOND_MS,
    MINUTE_MS,
    10 * MINUTE_MS,
    HOUR_MS,
    24 * HOUR_MS,
)
MOST_TICKS = 8


def linear_ticks(highest: float) -> list[float]:
    """0 and up to five even steps of 1, 2 or 5 that reach `highest`."""
    if highest <= 0:
        return [0.0]
    power = 10.0 ** math.floor(math.log10(highest / 5))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= highest / 5 * (1 - 1e-9))
    return [step * index for index in range(math.ceil(highest / step - 1e-9) + 1)]


def whole_ticks(highest: float) -> list[float]:
    """The same for what is counted: there is no half run."""
    return [tick for tick in linear_ticks(max(highest, 1)) if tick == round(tick)]


def axis_money(ticks: Sequence[float]) -> list[str]:
    """As many decimals on every tick as the smallest step needs."""
    step = ticks[1] if len(ticks) > 1 else 1.0
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"${tick:,.{2 if decimals == 1 else decimals}f}" if tick else "$0" for tick in ticks]


def axis_durations(ticks: Sequence[float]) -> list[str]:
    return [fmt.duration(ms).replace(".0 ", " ").removesuffix(" 00 s").removesuffix(" 00 m") for ms in ticks]


def log_ticks(milliseconds: Sequence[float]) -> list[float]:
    """Round durations from under the least value to over the greatest, coarser where they would crowd."""
    if not milliseconds:
        return [100.0, 1000.0, 10_000.0]
    lowest, highest = min(milliseconds), max(milliseconds)
    for steps in (FINE_DURATIONS, COARSE_DURATIONS):
        first = max((index for index, step in enumerate(steps) if step <= lowest), default=0)
        last = min((index for index, step in enumerate(steps) if step >= highest), default=len(steps) - 1)
        last = max(last, first + 1) if first + 1 < len(steps) else last
        if last - first < MOST_TICKS:
            break
    return list(steps[first : last + 1])
