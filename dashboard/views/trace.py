"""Where did one run spend its time and its money?"""

import streamlit as st

from dashboard import connection, queries, state
from dashboard.palette import Palette
from dashboard.panels.inspector import inspector
from dashboard.panels.run_header import run_header
from dashboard.panels.span_table import span_table
from dashboard.run import Run
from dashboard.widgets.timeline import timeline
from dashboard.widgets.timeline.payload import Picture, payload

trace_id = st.query_params.get(state.TRACE, "")
if not trace_id:
    st.title("No run is open", anchor=False)
    st.write("Open a run from Traces.")
    st.page_link(state.TRACES_PAGE, label="Traces", icon=":material/arrow_back:")
    st.stop()
run = queries.run(trace_id)
if run is None:
    st.title("No such trace", anchor=False)
    st.write(
        "The store has no trace with this id. It may have been deleted, or its spans have not arrived yet."
    )
    st.code(trace_id, language=None)
    st.page_link(state.TRACES_PAGE, label="All traces", icon=":material/arrow_back:")
    st.stop()

run_header(run)


def pick(span_id: str) -> None:
    """The address leads: Back then steps through the spans that were looked at."""
    st.query_params[state.SPAN] = span_id


@st.cache_resource(max_entries=16, show_spinner=False)
def drawn(revision: str, _run: Run, _colours: Palette) -> Picture:
    return payload(_run.spans, _run.critical, _colours, revision, started=_run.summary.started)


@st.fragment
@connection.explained()
def spans(run: Run) -> None:
    selected = st.query_params.get(state.SPAN)
    as_timeline, as_table = st.tabs(
        ["Timeline", "Spans"], key=state.VIEW, on_change="rerun", bind="query-params"
    )
    if as_timeline.open:
        with as_timeline:
            colours = queries.model_colours()
            data = drawn(f"{run.revision}:{colours.revision}", run, colours)
            timeline(data, key=f"timeline-{trace_id}", selected=selected, on_picked=pick)
    if as_table.open:
        with as_table:
            span_table(run, on_picked=pick)
    detail = queries.span_detail(trace_id, selected) if selected in run.row_of else None
    if detail:
        inspector(run, detail, on_picked=pick)
    elif selected:
        st.caption("This trace has no span with the id in the address.")
    else:
        st.caption(
            "Select a span to see its cost, its input and its output: click a row, or press ↓ in the timeline."
        )


spans(run)
