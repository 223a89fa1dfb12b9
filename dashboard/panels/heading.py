"""The top of a page: what it is, and how fresh the numbers under it are."""

import time
from pathlib import Path

import streamlit as st

from dashboard import connection, fmt, queries

BEAT = "10s"


def heading(title: str, *, follow: bool = False) -> None:
    """`follow` draws the page again when new spans have arrived."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.title(title, anchor=False, width="content")
        _freshness(queries.health().newest_span_ns if follow else None)


@st.fragment(run_every=BEAT)
@connection.explained()
def _freshness(drawn_ns: int | None) -> None:
    health = queries.health()
    if health.newest_span_ns is None:
        return
    if drawn_ns is not None and health.newest_span_ns > drawn_ns:
        st.rerun()
    age = fmt.age(time.time() - health.newest_span_ns / 1e9)
    st.caption(
        f"`{Path(health.store).name}` · {fmt.plural(health.spans, 'span')} in {fmt.plural(health.traces, 'run')}"
        f" · last span {age}",
        width="content",
        help=f"`{health.store}`",
    )
