"""Where did one run spend its time and its money, and what was said in it?"""

import streamlit as st

from dashboard import connection, queries, state
from dashboard.panels.missing_trace import missing_trace
from dashboard.panels.run_header import run_header
from dashboard.panels.trace_tabs import trace_tabs
from dashboard.run import Run

trace_id = st.query_params.get(state.TRACE, "")
run = queries.run(trace_id) if trace_id else None
if run is None:
    missing_trace(trace_id)
    st.stop()
is_running = run.summary.status == "running"


@st.fragment(run_every="2s" if is_running else None)
@connection.explained()
def header(run: Run) -> None:
    known = queries.run(trace_id) or run
    # How often a fragment runs is fixed when it is registered, so a run that has ended runs the whole page.
    if is_running and known.summary.status != "running":
        st.rerun()
    run_header(known)


@st.fragment(run_every="2s" if is_running else None)
@connection.explained()
def tabs(run: Run) -> None:
    # A run that has ended is not asked for again at each click: that answer was a quarter of what a click took.
    trace_tabs((queries.run(trace_id) if is_running else None) or run)


header(run)
tabs(run)
