"""The store: how large it is, how fast it grows, what is taken away from it, and who holds it."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from collector.errors import BadLimit, QuestionError
from collector.monitoring.health import Health
from collector.retention.limits import Limits, Pruned
from dashboard import fmt, state
from dashboard.diagnosis import queries as asked
from dashboard.diagnosis.answers import Grown
from dashboard.diagnosis.counted import counted
from dashboard.panels.diagnostics_table import fixed_table
from dashboard.panels.figure import figure
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import in_markdown
from dashboard.state import Buckets

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}
SECONDS_A_DAY = 86_400
DAYS_SHOWN = 14
NO_LIMIT = (
    "The collector has no limits of its own: say how long to keep runs, or how large the store may become."
)


def sizes(health: Health, grown: Sequence[Grown] | None) -> None:
    per_span = health.store_bytes / health.spans if health.spans else None
    with st.grid(4, min_column_width=190, gap="small"):
        figure(
            "Size",
            fmt.size(health.store_bytes),
            f"{fmt.size(round(per_span))} a span" if per_span else "empty",
            "On disk, with its indexes and what is free in it.",
        )
        figure(
            "Runs",
            fmt.count(health.traces),
            f"{fmt.count(health.simulated_traces)} simulated",
            "All there are.",
        )
        figure(
            "Spans",
            fmt.count(health.spans),
            f"{fmt.count(health.llm_calls)} model calls that count",
            "All there are.",
        )
        figure("Growth", *_growth(grown, per_span), GROWTH)


GROWTH = (
    "The mean of the last seven whole days, or of those there are: spans of the runs that began then, at the size an average "
    "span has now."
)


def growth_chart(grown: Sequence[Grown] | None, buckets: Buckets) -> None:
    if not grown or len(grown) < 2:
        return
    labels = [f"{state.local(row.bucket):%-d %b}" for row in grown]
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(
                "Spans a day", anchor=False, help="Spans of the runs that began on each day.", width="content"
            )
            open_in_sql(
                "growth",
                since_ns=buckets.since_ns,
                until_ns=buckets.until_ns,
                bucket_seconds=buckets.seconds,
                zone=buckets.zone,
            )
        st.plotly_chart(
            counted(labels, [row.spans for row in grown], "span"),
            config=CONFIG,
            key="growth",
            alt="Bars of spans a day: "
            + ", ".join(f"{label}: {row.spans}" for label, row in zip(labels, grown, strict=True)),
        )


def retention(health: Health) -> None:
    kept = health.retention
    with st.container(border=True):
        st.subheader(
            "Retention",
            anchor=False,
            help="Whole runs go, the earliest first; the collector looks every hour.",
        )
        st.markdown(in_markdown(_limits(kept), 300))
        if kept.get("error"):
            st.error(
                f"The last prune failed: {in_markdown(str(kept['error']), 300)}", icon=":material/error:"
            )
        if last := kept.get("last"):
            st.caption(
                f"Last, {fmt.plural(last['traces'], 'run')} with {fmt.plural(last['spans'], 'span')} went: "
                f"{fmt.size(last['store_bytes_before'])} before, {fmt.size(last['store_bytes_after'])} after."
            )
        _dry_run(has_limits=bool(kept.get("keep_seconds") or kept.get("max_bytes")))


def _dry_run(*, has_limits: bool) -> None:
    with (
        st.form("prune", border=False),
        st.container(horizontal=True, vertical_alignment="bottom", gap="small"),
    ):
        keep = st.text_input(
            "Keep", placeholder="as set" if has_limits else "30d", width=110, key="prune_keep"
        )
        most = st.text_input(
            "At most", placeholder="as set" if has_limits else "5GB", width=110, key="prune_most"
        )
        wanted = st.form_submit_button("Show what would go", icon=":material/preview:")
    if wanted:
        try:
            limits = Limits.of(keep.strip(), most.strip())
            if not limits and not has_limits:
                raise BadLimit(NO_LIMIT)
            days = None if limits.keep_seconds is None else limits.keep_seconds / SECONDS_A_DAY
            with st.spinner("Counting what would go …", show_time=True):
                _planned(asked.would_prune(days, limits.max_bytes))
        except (BadLimit, QuestionError) as problem:
            st.warning(in_markdown(str(problem), 300), icon=":material/edit_note:")
    st.caption("Nothing is taken away here. To do it: `composite-llm prune --keep 30d --max-size 5GB`.")


def _planned(planned: Pruned) -> None:
    if not planned.traces:
        st.markdown("Nothing would go.")
        return
    st.markdown(
        f"**{fmt.plural(planned.traces, 'run')}** with {fmt.plural(planned.spans, 'span')}, about "
        f"{fmt.size(planned.bytes)}, would go."
    )
    fixed_table(
        [
            {"Ended on (UTC)": day.day, "Runs": day.traces, "Spans": day.spans, "About": fmt.size(day.bytes)}
            for day in planned.days[:DAYS_SHOWN]
        ],
        "Table of what a prune would take away, by day, the earliest first",
    )
    if len(planned.days) > DAYS_SHOWN:
        st.caption(f"The first {DAYS_SHOWN} of {len(planned.days)} days.")


def _growth(grown: Sequence[Grown] | None, per_span: float | None) -> tuple[str, str]:
    """Of whole days since the first one with runs: today's is under way."""
    whole = [row.spans for row in (grown or ())[:-1]]
    while whole and not whole[0]:
        del whole[0]
    if not whole or per_span is None:
        return "–", "known after a day"
    spans = sum(whole[-7:]) / len(whole[-7:])
    return f"{fmt.size(round(spans * per_span))} / day", f"{fmt.compact(spans)} spans a day"


def _limits(kept: Mapping[str, Any]) -> str:
    seconds, most = kept.get("keep_seconds"), kept.get("max_bytes")
    if not seconds and not most:
        return "Everything is kept: the collector was started without limits (collect --keep 30d --max-size 5GB)."
    parts = [
        f"runs that ended in the last {seconds / SECONDS_A_DAY:g} days" if seconds else "",
        f"at most {fmt.size(most)}" if most else "",
    ]
    return f"Kept: {', '.join(part for part in parts if part)}."
