"""Which runs were there, and which of them should I look at?"""

from urllib.parse import urlencode

import streamlit as st

from dashboard import queries, state
from dashboard.panels import notices
from dashboard.panels.heading import heading
from dashboard.panels.run_list import run_list
from dashboard.panels.saved_views import saved_views
from dashboard.panels.search import in_force, search
from dashboard.panels.text_search import text_search
from dashboard.widgets.step_back import step_back

if state.TRACE in st.query_params:
    page = "compare" if state.WITH in st.query_params else "trace"
    named = {name: st.query_params.get_all(name) for name in st.query_params}
    step_back(forward=f"{page}?{urlencode(named, doseq=True)}")
    st.stop()

heading("Traces")
if not queries.health().spans:
    notices.no_traces()
    st.stop()

state.remember_list()
asked = search()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    saved_views()
    in_force(asked)
text_search(asked.text)
run_list(asked)
