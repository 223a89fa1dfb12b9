"""How numbers are written. Every figure on screen passes through here, so a cost or a time reads the same everywhere."""

import math
from datetime import datetime

UNKNOWN = "unknown"


def money(usd: float | None, *, lower_bound: bool = False) -> str:
    """`$12.30` from a dollar up, `$0.0042` below, and two digits however small. No price is not a price of 0."""
    if usd is None or math.isnan(usd):
        return UNKNOWN
    sign = "≥ " if lower_bound else ""
    if usd == 0 or usd >= 0.99995:
        return f"{sign}${usd:,.2f}"
    decimals = max(4, 1 - math.floor(math.log10(usd)))
    return f"{sign}${usd:.{decimals}f}"


def exact_money(usd: float) -> str:
    """As many digits as there are, two at least: `$0.00123575`. For parts that a reader may want to add up."""
    whole, _, decimals = f"{abs(usd):,.10f}".rstrip("0").partition(".")
    return f"{'−' if usd < 0 else ''}${whole}.{decimals.ljust(2, '0')}"


def run_cost(usd: float | None, unpriced_calls: int, tokens: int) -> str:
    """What a run cost; a dash where its calls failed before anything was used."""
    if not usd and not unpriced_calls and not tokens:
        return "–"
    return money(usd, lower_bound=unpriced_calls > 0)


def duration(ms: float | None) -> str:
    """`40 µs`, `0.4 ms`, `430 ms`, `6.1 s`, `3 m 14 s`, `2 h 05 m`."""
    if ms is None or math.isnan(ms):
        return "–"
    if 0 < ms < 0.095:
        return f"{ms * 1000:.0f} µs"
    if ms < 9.95:
        return f"{ms:.1f} ms"
    if ms < 999.5:
        return f"{ms:.0f} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    seconds = round(ms / 1000)
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02d} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} m"


def count(number: int | None) -> str:
    """Every digit: `27,328`."""
    return "–" if number is None else f"{number:,}"


def compact(number: float) -> str:
    """Three digits, for axes and narrow places: `950`, `27.3 k`, `1.2 M`."""
    for size, unit in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.0f}"


def size(number: int) -> str:
    """`950 B`, `27.3 kB`, `1.2 GB`."""
    return f"{compact(number)}B" if number >= 1000 else f"{number} B"


def share(part: float, whole: float) -> str:
    """`37 %`; a dash where there is no whole."""
    return f"{part / whole:.0%}".replace("%", " %") if whole else "–"


def change(now: float | None, before: float | None) -> float | None:
    """The relative change, `0.25` for a quarter more; None where either side is missing or nothing was before."""
    if now is None or before is None or before == 0:
        return None
    return now / before - 1


def age(seconds: float) -> str:
    """`12 s ago`, `3 min ago`, `5 h ago`, `4 days ago`."""
    if seconds < 1:
        return "now"
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size or (size < 86_400 and seconds >= size):
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds)} s ago"


def moment(when: datetime) -> str:
    """`21 Nov 2026, 14:03:07`, in the zone `when` is in."""
    return f"{when.day} {when:%b %Y, %H:%M:%S}"


def plural(number: int, noun: str) -> str:
    """`1 call`, `12 calls`, `2,048 spans`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
