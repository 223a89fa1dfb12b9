"""The runs next to this one in the list it was opened from."""

import streamlit as st

from dashboard import list_address, queries, state
from dashboard.answers import Summary


def other_runs(summary: Summary) -> None:
    """Looked for when they are asked for: in a large store that is a search through the window."""
    for label, icon, newer in (
        ("Newer", ":material/keyboard_arrow_up:", True),
        ("Older", ":material/keyboard_arrow_down:", False),
    ):
        if st.button(
            label,
            key=label,
            icon=icon,
            type="tertiary",
            help=f"The next {label.lower()} run of the list that this one was opened from, with its filters.",
        ):
            _go(summary.trace_id, newer=newer)


def _go(trace_id: str, *, newer: bool) -> None:
    with st.spinner("Looking for the next run …"):
        search = list_address.searched(state.last_list())
        found = queries.neighbour(trace_id, state.current_filters(), search, newer=newer)
    if found is None:
        st.toast(f"There is no {'newer' if newer else 'older'} run with these filters.")
        return
    # Filters and the open tab are bound to their widgets, which keep them.
    st.switch_page(state.TRACE_PAGE, query_params={state.TRACE: found})
