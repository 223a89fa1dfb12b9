"""The filters of the list of runs, in the address like all others."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from collector.parameters import MOST_ATTRIBUTES
from dashboard import fmt, queries, state
from dashboard.plain import in_markdown, line
from dashboard.state import Search

OWN: Mapping[str, Any] = {
    state.TEXT: "",
    state.MODEL: None,
    state.ERRORS_ONLY: False,
    state.STATUS: None,
    state.LEAST_COST: 0.0,
    state.LEAST_LATENCY: 0.0,
    state.LEAST_DEPTH: 0,
    state.USER: "",
    state.SESSION: "",
    state.ATTRIBUTE: [],
}
"""The filters of this page alone, and what each is when it lets everything through."""
SHARED: Mapping[str, Any] = {
    state.WINDOW: "all",
    state.STRATEGIES: [],
    state.PROFILE: None,
    state.TAG: None,
    state.ORIGIN: "all",
}


def search() -> Search:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Search",
            key=state.TEXT,
            bind="query-params",
            type="search",
            placeholder="Question, model or trace id",
            icon=":material/search:",
            width=250,
        )
        model = st.selectbox(
            "Model",
            queries.models(),
            index=None,
            placeholder="Any model",
            accept_new_options=True,
            key=state.MODEL,
            bind="query-params",
            width=180,
            help="Runs that called it, whatever else they called.",
        )
        sort = st.selectbox("Order by", list(state.SORTS), key=state.SORT, bind="query-params", width=110)
        errors_only = st.toggle("Errors only", key=state.ERRORS_ONLY, bind="query-params")
        with st.popover("More filters", icon=":material/filter_list:", width="content"):
            more = _more()
    return Search(
        text=(text or "").strip(),
        model=model or "",
        errors_only=errors_only,
        sort=sort,
        **more,
    )


def _more() -> dict[str, Any]:
    with st.container(horizontal=True, gap="small"):
        cost = _least("Cost from, $", state.LEAST_COST, 0.001)
        seconds = _least("Latency from, s", state.LEAST_LATENCY, 1.0)
        depth = st.number_input(
            "Depth from",
            min_value=0,
            step=1,
            key=state.LEAST_DEPTH,
            bind="query-params",
            width=112,
            help="Levels of spans, one below the other: 3 is a request, its stages and their calls.",
        )
    status = st.selectbox(
        "Status",
        state.STATUSES,
        index=None,
        placeholder="Any",
        key=state.STATUS,
        bind="query-params",
        help="error: the run as a whole failed. running: its end has not come.",
    )
    with st.container(horizontal=True, gap="small"):
        user = st.text_input("User", key=state.USER, bind="query-params")
        session = st.text_input("Session", key=state.SESSION, bind="query-params")
    attributes = st.multiselect(
        "Attributes",
        [],
        accept_new_options=True,
        max_selections=MOST_ATTRIBUTES,
        placeholder="key=value",
        key=state.ATTRIBUTE,
        bind="query-params",
        help="Each on some span of the run, or on what sent it: `tenant=acme`. Every span of the window is "
        "looked at, so a long window takes a while.",
    )
    for wrong in (each for each in attributes if each.find("=") < 1):
        st.warning(f"{in_markdown(wrong, 60)} is no attribute, and is left out: write key=value.")
    return {
        "min_cost_usd": cost,
        "min_latency_ms": seconds * 1000,
        "min_depth": int(depth or 0),
        "status": status or "",
        "user": (user or "").strip(),
        "session": (session or "").strip(),
        "attributes": tuple(each for each in attributes if each.find("=") >= 1),
    }


def _least(label: str, key: str, step: float) -> float:
    return (
        st.number_input(label, min_value=0.0, step=step, format="%g", key=key, bind="query-params", width=112)
        or 0.0
    )


def in_force(asked: Search) -> None:
    """What narrows the list and is not in sight, each with a way out of it."""
    said: dict[str, str] = {
        state.LEAST_COST: f"cost from {fmt.money(asked.min_cost_usd)}" if asked.min_cost_usd else "",
        state.LEAST_LATENCY: f"latency from {fmt.duration(asked.min_latency_ms)}"
        if asked.min_latency_ms
        else "",
        state.LEAST_DEPTH: f"depth from {asked.min_depth}" if asked.min_depth else "",
        state.STATUS: f"status {asked.status}" if asked.status else "",
        state.USER: f"user {line(asked.user, 40)}" if asked.user else "",
        state.SESSION: f"session {line(asked.session, 40)}" if asked.session else "",
        state.ATTRIBUTE: line(" and ".join(asked.attributes), 80) if asked.attributes else "",
    }
    for key, words in said.items():
        if words:
            st.button(
                in_markdown(words, 100),
                icon=":material/close:",
                key=f"without_{key}",
                help="Take this filter away.",
                on_click=_without,
                args=(key,),
            )


def _without(key: str) -> None:
    st.session_state[key] = OWN[key]


def nothing_matches() -> None:
    with st.container(border=True):
        st.subheader("No runs match", anchor=False)
        st.write("The store has runs, but none in this window that pass these filters.")
        # The filters stand outside of what is drawn anew here.
        if st.button("Clear filters", on_click=clear):
            st.rerun()


def clear() -> None:
    for key, everything in ({**OWN, **SHARED}).items():
        st.session_state[key] = list(everything) if isinstance(everything, list) else everything
