"""The recursion of one run: an icicle, and under it the same as a table that stays a tree."""

from collections.abc import Callable

import streamlit as st

from dashboard import queries, state
from dashboard.palette import Palette
from dashboard.panels.recursion_table import recursion_table
from dashboard.recursion import asking
from dashboard.recursion.nesting import COST, METRICS, Nesting
from dashboard.recursion.ordering import ORDERS, RAN
from dashboard.recursion.widths import about_widths
from dashboard.run import Run
from dashboard.widgets.icicle import icicle
from dashboard.widgets.icicle.payload import payload

NO_RECURSION = (
    "This run has no recursion: no composite, recursive node or agent stands inside another. "
    "Drawn are the steps that led to model calls."
)


def recursion_tree(run: Run, *, on_picked: Callable[[str], None]) -> None:
    """`on_picked` gets the id of a span the reader picks; which one holds is told by the address."""
    is_nested = asking.nesting(run, steps=False).deepest > 0
    by, order, steps = _controls(is_nested)
    nesting = asking.nesting(run, steps=steps)
    if not nesting.parts:
        st.caption("No model call of this run has arrived, so there is nothing to draw.")
        return
    if not is_nested:
        st.caption(NO_RECURSION)
    selected, under = st.query_params.get(state.SPAN), st.query_params.get(state.UNDER)
    colours = queries.model_colours()
    icicle(
        _drawn(f"{run.revision}:{steps}:{colours.revision}", by, run, nesting, colours),
        key=f"icicle-{run.summary.trace_id}-{steps}",
        selected=selected,
        under=under,
        on_picked=lambda span_id: on_picked(span_id) if span_id else None,
        on_entered=_enter,
    )
    if said := about_widths(nesting, by):
        st.caption(said)
    recursion_table(run, nesting, by, order, on_picked=on_picked)


def _controls(is_nested: bool) -> tuple[str, str, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        by = st.segmented_control(
            "Width",
            METRICS,
            default=COST,
            required=True,
            key=state.BY,
            bind="query-params",
            help="What a part's width means. It holds what stands below it; what those leave free is its own. "
            "Time is work added up: two calls side by side count both.",
        )
        order = st.segmented_control(
            "Rows of the table",
            ORDERS,
            default=RAN,
            required=True,
            key=state.ORDER,
            bind="query-params",
            help="What stands side by side is ordered by the same measure; what stands inside stays inside.",
        )
        steps = is_nested and st.toggle(
            "Every step",
            key=state.EVERY_STEP,
            bind="query-params",
            help="Draws stages, turns and cells, too, and not only the levels of the recursion and the model calls.",
        )
    return by or COST, order or RAN, steps or not is_nested


def _enter(span_id: str) -> None:
    """The address leads, so that Back goes up again."""
    if span_id:
        st.query_params[state.UNDER] = span_id
    else:
        st.query_params.pop(state.UNDER, None)


@st.cache_resource(max_entries=16, show_spinner=False)
def _drawn(revision: str, by: str, _run: Run, _nesting: Nesting, _colours: Palette) -> dict[str, object]:
    return payload(_run, _nesting, asking.node_facts(_run), by, _colours, revision)
