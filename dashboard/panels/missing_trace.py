"""What the page of a trace says where there is none to show."""

import streamlit as st

from dashboard import state
from dashboard.plain import line


def missing_trace(trace_id: str) -> None:
    if not trace_id:
        st.title("No run is open", anchor=False)
        st.write("Open a run from Traces.")
        st.page_link(state.TRACES_PAGE, label="Traces", icon=":material/arrow_back:")
        return
    st.title("No such trace", anchor=False)
    st.write(
        "The store has no trace with this id. It may have been deleted, or its spans have not arrived yet."
    )
    st.code(line(trace_id), language=None)
    st.page_link(state.TRACES_PAGE, label="All traces", icon=":material/arrow_back:")
