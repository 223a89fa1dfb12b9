"""How deep do runs nest, what does each level cost, and which of them ran away?"""

import streamlit as st

from dashboard import queries, state
from dashboard.panels import notices
from dashboard.panels.heading import heading
from dashboard.panels.recursion_run import no_such_run, recursion_run
from dashboard.panels.recursion_runs import recursion_runs

trace_id = st.query_params.get(state.TRACE, "")
if trace_id:
    run = queries.run(trace_id)
    if run is None:
        no_such_run(trace_id)
    else:
        recursion_run(run)
    st.stop()

heading("Recursion")
if not queries.health().spans:
    notices.no_traces()
    st.stop()
recursion_runs(state.current_filters())
