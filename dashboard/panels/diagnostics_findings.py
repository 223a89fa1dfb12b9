"""Whether the totals can be trusted, and all that speaks against it: what makes numbers wrong first."""

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from dashboard import fmt, state
from dashboard.diagnosis import queries as asked
from dashboard.diagnosis.answers import Oddity
from dashboard.diagnosis.finding import Finding, Weight
from dashboard.diagnosis.verdict import Verdict
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import in_markdown
from dashboard.state import Filters

Colour = Literal["red", "orange", "yellow", "blue", "gray"]
BADGES: Mapping[Weight, tuple[str, Colour, str]] = {
    Weight.TWICE: ("too high", "red", ":material/error:"),
    Weight.LESS: ("lower bound", "orange", ":material/warning:"),
    Weight.MAYBE: ("may be missing", "yellow", ":material/help:"),
    Weight.ELSEWHERE: ("times only", "blue", ":material/schedule:"),
    Weight.GOOD_TO_KNOW: ("good to know", "gray", ":material/info:"),
}
"""What a finding does to the figures."""
CHECKED = (
    "calls without a price · agents that tell more than their calls · one answer told in several traces · spans dropped, "
    "rejected, spooled or sent twice · parents that are missing or late · circles · clocks that differ · spans over 1 MB"
)


MOST_SPANS_AT_ONCE = 250_000
"""That are held against each other without being asked to."""
LOOK = "looked_for_oddities"


def look_for_oddities(filters: Filters) -> Sequence[Oddity] | None:
    """None where the window is large and nobody has asked yet."""
    spans, window = asked.spans_within(filters), st.session_state.get(state.WINDOW)
    if spans <= MOST_SPANS_AT_ONCE:
        return asked.oddities(filters)
    if st.session_state.get(LOOK) == window:
        return asked.oddities_of_many(filters)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Hold all {fmt.count(spans)} spans against each other",
            key="look",
            icon=":material/troubleshoot:",
            on_click=lambda: st.session_state.update({LOOK: window}),
            help="Looks for missing parents, clocks that differ and answers told twice. Takes up to 30 seconds; choosing "
            "another window or page ends it.",
        )
        st.caption(
            "Not done by itself in a window of this size. The shorter ones on the left are looked through at once."
        )
    return None


def verdict_banner(verdict: Verdict) -> None:
    drawn = {"good": st.success, "warning": st.warning, "bad": st.error, "empty": st.info}[verdict.tone]
    icon = {
        "good": ":material/verified:",
        "warning": ":material/price_change:",
        "bad": ":material/error:",
        "empty": ":material/info:",
    }[verdict.tone]
    said = f"**{in_markdown(verdict.headline, 600)}**"
    drawn(f"{said}  \n{in_markdown(verdict.detail.strip(), 600)}" if verdict.detail else said, icon=icon)


def finding_list(found: Sequence[Finding], filters: Filters, *, narrowed: bool) -> None:
    if narrowed:
        st.caption(
            "Of everything in the window, whatever strategy, mode, tag or origin is chosen on the left."
        )
    for number, finding in enumerate(found):
        with st.container(border=True, gap="xsmall", key=f"finding_{number}"):
            _head(finding)
            st.markdown(in_markdown(finding.meaning, 600))
            if finding.advice:
                st.caption(f"**What to do:** {in_markdown(finding.advice, 400)}")
    if not found:
        with st.container(border=True):
            st.markdown(":material/check: Nothing was found.")
    said, link = st.columns([9, 1])
    said.caption(f"Looked for: {CHECKED}.")
    with link:
        open_in_sql("oddities", since_ns=filters.since_ns, until_ns=filters.until_ns)


def _head(finding: Finding) -> None:
    label, colour, icon = BADGES[finding.weight]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{in_markdown(finding.count, 30)}**", width="content")
        st.markdown(f"**{in_markdown(finding.title, 80)}**", width="content")
        st.badge(label, color=colour, icon=icon)
        if finding.example_trace_id:
            st.space("stretch")
            st.page_link(
                state.TRACE_PAGE,
                label="An example",
                icon=":material/arrow_forward:",
                query_params={state.TRACE: finding.example_trace_id},
                width="content",
            )
