"""Which runs were there, and which of them should I look at?"""

import math

import streamlit as st

from dashboard import fmt, queries, state
from dashboard.panels import notices
from dashboard.panels.heading import heading
from dashboard.panels.run_table import open_if_selected, run_table
from dashboard.panels.search import nothing_matches, search

PAGE_SIZE = 50
LIVE = "live"

open_if_selected()
heading("Traces")
if queries.oldest_ns() is None:
    notices.no_traces()
    st.stop()

asked = search()


@st.fragment(run_every="2s" if st.session_state.get(LIVE) else None)
def listing() -> None:
    open_if_selected()
    page = st.session_state.get(state.PAGE, 1)
    found = queries.traces(state.current_filters(), asked, page_size=PAGE_SIZE, page=page)
    if not found.runs and page > 1:
        st.session_state[state.PAGE] = page = 1
        found = queries.traces(state.current_filters(), asked, page_size=PAGE_SIZE, page=page)
    if not found.runs:
        nothing_matches()
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            f"{fmt.plural(found.matching, 'run')}, newest first. Select a row to open it.", width="content"
        )
        st.toggle("Live", key=LIVE, help="Looks for new runs every 2 seconds.", on_change=st.rerun)
    run_table(found.runs)
    pages = math.ceil(found.matching / PAGE_SIZE)
    if pages > 1:
        st.pagination(pages, key=state.PAGE, bind="query-params")


listing()
