"""The figures a reader asks for first, each with its course, its change from the window before, and a way to its runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from dashboard import fmt, links
from dashboard.answers import BucketTotals, Totals

NONE = "0"
"""No change to speak of. Streamlit draws the number 0 without an arrow, the text with one."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What the cards say: a window, the one before it (None: there is none), and its course."""

    now: Totals
    before: Totals | None
    course: Sequence[BucketTotals]
    than: str
    """What the window is called: `day`, `7 days`."""

    @property
    def before_in_money(self) -> Totals | None:
        """None also where a sum is a lower bound, which compares with nothing."""
        if self.before is None or self.now.is_lower_bound or self.before.is_lower_bound:
            return None
        return self.before


def cards(window: Compared) -> None:
    with st.grid(6, min_column_width=215, gap="small"):
        spend(window)
        cost_per_run(window)
        p95_latency(window)
        cache_hit(window)
        runs_with_errors(window)
        runs(window)


def spend(window: Compared) -> None:
    now, before = window.now, window.before_in_money
    _card(
        "Spend",
        fmt.UNKNOWN if now.nothing_priced else fmt.money(now.spend_usd, lower_bound=now.is_lower_bound),
        window,
        _relative(now.spend_usd, before.spend_usd if before else None),
        [bucket.spend_usd for bucket in window.course],
        "bar",
        "What all runs of this window cost: each call by the price of its model when it was made.",
        ("Dearest runs", links.Runs(sort="cost")),
    )


def cost_per_run(window: Compared) -> None:
    now, before = window.now, window.before_in_money
    _card(
        "Cost per run",
        fmt.money(None if now.nothing_priced else now.cost_per_run_usd, lower_bound=now.is_lower_bound),
        window,
        _relative(now.cost_per_run_usd, before.cost_per_run_usd if before else None),
        [bucket.cost_per_run_usd for bucket in window.course if bucket.cost_per_run_usd is not None],
        "line",
        "The mean: spend divided by runs. One run is one request of yours with every model call it led to.",
        ("Dearest runs", links.Runs(sort="cost")),
    )


def p95_latency(window: Compared) -> None:
    now, before = window.now, window.before
    _card(
        "p95 run latency",
        fmt.duration(now.p95_latency_ms),
        window,
        _relative(now.p95_latency_ms, before.p95_latency_ms if before else None),
        [bucket.p95_latency_ms for bucket in window.course if bucket.p95_latency_ms is not None],
        "line",
        "19 of 20 runs took no longer, from their first span's start to their last one's end. "
        f"The median run took {fmt.duration(now.p50_latency_ms)}.",
        ("Slowest runs", links.Runs(sort="latency")),
    )


def cache_hit(window: Compared) -> None:
    now, before = window.now, window.before
    earlier = before.cache_hit if before else None
    change = now.cache_hit - earlier if now.cache_hit is not None and earlier is not None else None
    _card(
        "Cache hit",
        "–" if now.cache_hit is None else fmt.share(now.cached_tokens, now.input_tokens),
        window,
        "" if change is None else _signed(change * 100, "points"),
        [bucket.cache_hit * 100 for bucket in window.course if bucket.cache_hit is not None],
        "line",
        "The share of input tokens that providers billed at the price of cached ones: "
        f"{fmt.count(now.cached_tokens)} of {fmt.count(now.input_tokens)}.",
        ("Most tokens", links.Runs(sort="tokens")),
        better="normal",
    )


def runs_with_errors(window: Compared) -> None:
    now, before = window.now, window.before
    _card(
        "Runs with errors",
        f"{now.runs_with_errors:,} of {now.runs:,}",
        window,
        _relative(now.error_share, before.error_share if before else None),
        [bucket.runs_with_errors for bucket in window.course],
        "bar",
        "Runs in which at least one span failed: a call, a stage, or the run itself. "
        f"{fmt.plural(now.failed_runs, 'run')} failed as a whole; the others still gave an answer. "
        "The change is that of their share.",
        ("Runs with errors", links.Runs(errors_only=True)),
    )


def runs(window: Compared) -> None:
    now, before = window.now, window.before
    _card(
        "Runs",
        fmt.count(now.runs),
        window,
        _relative(now.runs, before.runs if before else None),
        [bucket.runs for bucket in window.course],
        "bar",
        f"Requests that began in this window. They made {fmt.plural(now.calls, 'model call')}.",
        ("All runs", links.Runs()),
        better="off",
    )


def _card(
    label: str,
    value: str,
    window: Compared,
    change: str,
    course: Sequence[float],
    chart: str,
    meaning: str,
    leads_to: tuple[str, links.Runs],
    better: Literal["inverse", "normal", "off"] = "inverse",
) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            label,
            value,
            0 if change == NONE else change or None,
            delta_color=better if change else "off",
            delta_description=f"vs the {window.than} before" if change else None,
            height="stretch",
            chart_data=course if len(course) > 1 else None,
            chart_type="bar" if chart == "bar" else "line",
            help=meaning,
        )
        links.to_runs(*leads_to)


def _relative(now: float | None, before: float | None) -> str:
    """`+12 %`, NONE for less than half a percent, nothing where there is nothing to compare with."""
    change = fmt.change(now, before)
    return "" if change is None else _signed(change * 100, "%")


def _signed(number: float, unit: str) -> str:
    return f"{round(number):+,} {unit}" if round(number) else NONE
