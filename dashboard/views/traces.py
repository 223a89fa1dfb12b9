"""Which runs were there, and which of them should I look at?"""

import math
from urllib.parse import urlencode

import streamlit as st

from dashboard import connection, fmt, queries, state
from dashboard.panels import notices
from dashboard.panels.heading import heading
from dashboard.panels.run_table import open_if_selected, run_table
from dashboard.panels.search import nothing_matches, search
from dashboard.panels.text_search import text_search
from dashboard.widgets.step_back import step_back

PAGE_SIZE = 50
LIVE = "live"

if state.TRACE in st.query_params:
    step_back(forward=f"trace?{urlencode({state.TRACE: st.query_params[state.TRACE]})}")
    st.stop()

heading("Traces")
if not queries.health().spans:
    notices.no_traces()
    st.stop()

asked = search()
text_search(asked.text)

live = st.session_state.get(LIVE, False)


@st.fragment(run_every="2s" if live else None)
@connection.explained()
def listing() -> None:
    open_if_selected()
    filters = state.current_filters()
    found = queries.traces(filters, asked, page_size=PAGE_SIZE, page=1)
    if not found.runs:
        nothing_matches()
        return
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            f"{fmt.plural(found.matching, 'run')}, newest first. Click one to open it.", width="content"
        )
        # How often a fragment runs is fixed when it is registered, so a change runs the whole page.
        if st.toggle("Live", key=LIVE, help="Looks for new runs every 2 seconds.") != live:
            st.rerun()
    table, pages = st.container(), math.ceil(found.matching / PAGE_SIZE)
    page = st.pagination(pages, key=state.PAGE, bind="query-params") if pages > 1 else 1
    with table:
        run_table(
            found.runs if page == 1 else queries.traces(filters, asked, page_size=PAGE_SIZE, page=page).runs
        )


listing()
