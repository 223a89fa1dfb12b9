"""What does one run have more of than another, and where?"""

import streamlit as st

from dashboard import queries, state
from dashboard.panels import comparison
from dashboard.plain import line


def swap(first: str, second: str) -> None:
    st.query_params.update({state.TRACE: second, state.WITH: first})


first_id, second_id = (st.query_params.get(name, "") for name in (state.TRACE, state.WITH))

with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.page_link(
        state.TRACES_PAGE, label="Traces", icon=":material/arrow_back:", query_params=state.last_list()
    )
    st.title("Two runs side by side", anchor=False, width="content")
    if first_id and second_id:
        st.space("stretch")
        st.button("Swap", icon=":material/swap_horiz:", on_click=swap, args=(first_id, second_id))

if not first_id or not second_id:
    st.write("Mark two runs on Traces, and choose Compare.")
    st.stop()

runs = [queries.run(trace_id) for trace_id in (first_id, second_id)]
for run, trace_id in zip(runs, (first_id, second_id), strict=True):
    if run is None:
        st.write("The store has no trace with this id; it may have been deleted, or not have arrived yet:")
        st.code(line(trace_id, 100), language=None)
first, second = runs
if first is None or second is None:
    st.stop()
if first.summary.trace_id == second.summary.trace_id:
    st.caption("Both are the same run.")

comparison.heads(first, second)
comparison.figures(first, second)
comparison.by_part(first, second)
