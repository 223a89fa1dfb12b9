"""The canvas timeline of one trace: a typed wrapper around the files beside it.

Streamlit takes a component's JavaScript as one module, so the files are joined here in the order in which they
need each other; there is nothing to build.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

HERE = Path(__file__).parent
SCRIPTS = ("spans.js", "scales.js", "paint.js", "timeline.js", "input.js")
TOOLBAR, HEADER, ROW = 40, 68, 24
LEAST_ROWS, MOST_ROWS = 6, 20

_component = component(
    "trace_timeline",
    html=(HERE / "timeline.html").read_text(encoding="utf-8"),
    css=(HERE / "timeline.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / script).read_text(encoding="utf-8") for script in SCRIPTS),
)


def timeline(
    payload: dict[str, object], *, key: str, selected: str | None, on_picked: Callable[[str], None]
) -> None:
    """Draw the spans of `payload`; `on_picked` gets the id of a span the reader picks.

    The pick is a trigger and not a state: picking the same span again, after the address has moved on, counts.
    """
    names = payload["id"]
    rows = len(names) if isinstance(names, list) else 0
    height = TOOLBAR + HEADER + min(max(rows, LEAST_ROWS), MOST_ROWS) * ROW
    _component(
        key=key,
        data={**payload, "selected": selected, "height": height},
        height=height,
        on_picked_change=lambda: _tell(key, on_picked),
    )


def _tell(key: str, on_picked: Callable[[str], None]) -> None:
    picked = st.session_state[key].picked
    if picked:
        on_picked(picked)
