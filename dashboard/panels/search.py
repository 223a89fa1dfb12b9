"""The filters of the list of runs, in the address like all others."""

import streamlit as st

from dashboard import queries, state
from dashboard.plain import in_markdown
from dashboard.state import Search

ANY_MODEL = "Any model"


def search() -> Search:
    mode = st.query_params.get(state.MODE, "")
    if mode:
        _one_mode(mode)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Search",
            key=state.TEXT,
            bind="query-params",
            type="search",
            placeholder="Question, model or trace id",
            icon=":material/search:",
            width=260,
        )
        model = st.selectbox(
            "Model", [ANY_MODEL, *queries.models()], key=state.MODEL, bind="query-params", width=170
        )
        cost = st.number_input(
            "Cost from, $",
            min_value=0.0,
            step=0.001,
            format="%g",
            key=state.LEAST_COST,
            bind="query-params",
            width=112,
        )
        seconds = st.number_input(
            "Latency from, s",
            min_value=0.0,
            step=1.0,
            format="%g",
            key=state.LEAST_LATENCY,
            bind="query-params",
            width=112,
        )
        errors_only = st.toggle("Errors only", key=state.ERRORS_ONLY, bind="query-params")
    return Search(
        text=(text or "").strip(),
        model="" if model in (None, ANY_MODEL) else model,
        mode=mode,
        errors_only=errors_only,
        min_cost_usd=cost or 0.0,
        min_latency_ms=(seconds or 0.0) * 1000,
    )


def _one_mode(mode: str) -> None:
    """The Modes page leads here."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Runs that asked for the mode **{in_markdown(mode, 80)}**.", width="content")
        st.button("All modes", icon=":material/close:", type="tertiary", on_click=_all_modes)


def _all_modes() -> None:
    st.query_params.pop(state.MODE, None)


def nothing_matches() -> None:
    with st.container(border=True):
        st.subheader("No runs match", anchor=False)
        st.write("The store has runs, but none in this window that pass these filters.")
        st.button("Clear filters", on_click=_clear)


def _clear() -> None:
    _all_modes()
    st.session_state[state.TEXT] = ""
    st.session_state[state.MODEL] = ANY_MODEL
    st.session_state[state.ERRORS_ONLY] = False
    st.session_state[state.LEAST_COST] = 0.0
    st.session_state[state.LEAST_LATENCY] = 0.0
    st.session_state[state.WINDOW] = "all"
    st.session_state[state.STRATEGIES] = []
    st.session_state[state.ORIGIN] = "all"
