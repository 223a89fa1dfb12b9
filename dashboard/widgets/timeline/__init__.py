"""The canvas timeline of one trace: a typed wrapper around the files beside it.

Streamlit takes a component's JavaScript as one module, so the files are joined here in the order in which they
need each other; there is nothing to build.
"""

import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from dashboard import state
from dashboard.widgets.timeline.payload import Picture

HERE = Path(__file__).parent
SCRIPTS = (
    "data.js",
    "tree.js",
    "clock.js",
    "scales.js",
    "pen.js",
    "cells.js",
    "bars.js",
    "header.js",
    "painter.js",
    "timeline.js",
    "around.js",
    "pointer.js",
    "keys.js",
    "mount.js",
)
COLOURED_BY = ("model", "role", "cost")

_timeline = component(
    "trace_timeline",
    html=(HERE / "timeline.html").read_text(encoding="utf-8"),
    css=(HERE / "timeline.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / script).read_text(encoding="utf-8") for script in SCRIPTS),
)
_chosen = component("trace_timeline_chosen", js=(HERE / "chosen.js").read_text(encoding="utf-8"))


def timeline(payload: Picture, *, key: str, selected: str | None, on_picked: Callable[[str], None]) -> None:
    """Draw the spans of `payload`; `on_picked` gets the id of a span the reader picks.

    The pick is a trigger and not a state: picking the same span again, after the address has moved on, counts.
    What is selected goes to the browser apart from the spans. Those are sent once and then known by their hash.
    """
    colour = st.query_params.get(state.COLOUR)
    with st.container(gap=None):
        _timeline(
            key=key,
            data=payload.packed,
            height="content",
            on_picked_change=lambda: _tell(key, on_picked),
            on_coloured_change=lambda: _colour(key),
        )
        _chosen(
            key=f"{key}-chosen",
            data={
                "selected": selected,
                "colour": colour if colour in COLOURED_BY else COLOURED_BY[0],
                "now": time.time() * 1000 if payload.is_running else None,
            },
            height="content",
        )


def _tell(key: str, on_picked: Callable[[str], None]) -> None:
    picked = st.session_state[key].picked
    if picked:
        on_picked(picked)


def _colour(key: str) -> None:
    """Kept in the address, where a link takes it along."""
    coloured = st.session_state[key].coloured
    if coloured == COLOURED_BY[0]:
        st.query_params.pop(state.COLOUR, None)
    elif coloured in COLOURED_BY:
        st.query_params[state.COLOUR] = coloured
