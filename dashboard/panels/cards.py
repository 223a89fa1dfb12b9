"""The four figures a reader asks for first, each with its course and its change from the window before."""

from collections.abc import Sequence

import streamlit as st

from dashboard import fmt
from dashboard.answers import BucketTotals, Totals

Course = Sequence[BucketTotals]


def spend(now: Totals, before: Totals | None, course: Course, than: str) -> None:
    comparable = before and not now.is_lower_bound and not before.is_lower_bound
    value = fmt.UNKNOWN if now.nothing_priced else fmt.money(now.spend_usd, lower_bound=now.is_lower_bound)
    _card(
        "Spend",
        value,
        fmt.change(now.spend_usd, before.spend_usd) if before and comparable else None,
        than,
        [bucket.spend_usd for bucket in course],
        "bar",
        "Everything the runs of this window cost, by the price of each call when it was made.",
    )


def cost_per_run(now: Totals, before: Totals | None, course: Course, than: str) -> None:
    comparable = before and not now.is_lower_bound and not before.is_lower_bound
    known = None if now.nothing_priced else now.cost_per_run_usd
    _card(
        "Cost per run",
        "–" if not now.runs else fmt.money(known, lower_bound=now.is_lower_bound),
        fmt.change(now.cost_per_run_usd, before.cost_per_run_usd) if before and comparable else None,
        than,
        [bucket.cost_per_run_usd for bucket in course if bucket.cost_per_run_usd is not None],
        "line",
        "One run is one request of yours with every model call it led to.",
    )


def p95_latency(now: Totals, before: Totals | None, course: Course, than: str) -> None:
    _card(
        "p95 run latency",
        fmt.duration(now.p95_latency_ms),
        fmt.change(now.p95_latency_ms, before.p95_latency_ms) if before else None,
        than,
        [bucket.p95_latency_ms for bucket in course if bucket.p95_latency_ms is not None],
        "line",
        f"19 of 20 runs were faster than this. The median run took {fmt.duration(now.p50_latency_ms)}.",
    )


def runs_with_errors(now: Totals, before: Totals | None, course: Course, than: str) -> None:
    _card(
        "Runs with errors",
        f"{now.runs_with_errors:,} of {now.runs:,}",
        fmt.change(now.error_share, before.error_share) if before else None,
        than,
        [bucket.runs_with_errors for bucket in course],
        "bar",
        "Runs in which at least one call or stage failed. "
        f"{fmt.plural(now.failed_runs, 'run')} failed as a whole; the others still gave an answer.",
    )


def _card(
    label: str,
    value: str,
    change: float | None,
    than: str,
    course: Sequence[float],
    chart: str,
    help_text: str,
) -> None:
    st.metric(
        label,
        value,
        _delta(change),
        delta_color="inverse" if change is not None else "off",
        delta_description=f"vs the {than} before" if change is not None else None,
        border=True,
        height="stretch",
        chart_data=course if len(course) > 1 else None,
        chart_type="bar" if chart == "bar" else "line",
        help=help_text,
    )


def _delta(change: float | None) -> str | int | None:
    """A change under half a percent is none; Streamlit draws the number 0 without an arrow."""
    if change is None:
        return None
    percent = round(change * 100)
    return f"{percent:+,} %" if percent else 0
