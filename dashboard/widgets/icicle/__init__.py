"""The icicle of one run: each part as wide as its share of what stands above it, a row for each step down.

The JavaScript is joined here from the files beside it, as the timeline's is; there is nothing to build.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

HERE = Path(__file__).parent
SCRIPTS = ("parts.js", "paint.js", "icicle.js", "input.js", "mount.js")
TOOLBAR, LEGEND, ROW = 38, 28, 30
LEAST_ROWS, MOST_ROWS = 4, 14

_icicle = component(
    "recursion_icicle",
    html=(HERE / "icicle.html").read_text(encoding="utf-8"),
    css=(HERE / "icicle.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / script).read_text(encoding="utf-8") for script in SCRIPTS),
)
_chosen = component("recursion_icicle_chosen", js=(HERE / "chosen.js").read_text(encoding="utf-8"))


def icicle(
    payload: dict[str, object],
    *,
    key: str,
    selected: str | None,
    under: str | None,
    on_picked: Callable[[str], None],
    on_entered: Callable[[str], None],
) -> None:
    """Draw the parts of `payload`; `on_picked` gets the id of a part the reader picks, `on_entered` that of one that is
    to fill the width, empty for the whole run. Both are triggers and no states: the address says what holds, and
    goes to the browser apart from the parts, which are sent once and then known by their hash."""
    rows = payload["rows"]
    assert isinstance(rows, int)
    height = TOOLBAR + LEGEND + min(max(rows, LEAST_ROWS), MOST_ROWS) * ROW
    with st.container(gap=None):
        _icicle(
            key=key,
            data={**payload, "of": key, "height": height},
            height=height,
            on_picked_change=lambda: _tell(st.session_state[key].picked, on_picked),
            on_entered_change=lambda: _tell(st.session_state[key].entered, on_entered),
        )
        _chosen(key=f"{key}-chosen", data={"of": key, "selected": selected, "under": under}, height="content")


def _tell(told: str | None, listener: Callable[[str], None]) -> None:
    if told is not None:
        listener(told)
