"""Ways back that Streamlit lacks.

`leave_by_the_menu` makes the menu's entry of a page lead to the page itself, also where something is open on it.
`step_back` makes one press of Back enough to return from a trace to the list it was opened from.

`st.switch_page` with a query writes two entries into the browser's history: first the page it leaves with the new
query, then the page it goes to. Who comes back over the first one is taken on to the entry before it, which is the
list with its filters; the entry itself becomes the trace, so that Forward finds it.
"""

from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

HERE = Path(__file__).parent

_component = component("step_back", js=(HERE / "step_back.js").read_text(encoding="utf-8"))
_menu = component("leave_by_the_menu", js=(HERE / "leave_by_the_menu.js").read_text(encoding="utf-8"))


def step_back(*, forward: str) -> None:
    """Go back one entry; `forward` is the relative address that this one becomes."""
    _component(key=f"step_back-{forward}", data={"forward": forward}, height=1)


def leave_by_the_menu(*open_by: str) -> None:
    """`open_by`: the parameters of the address that say what is open; a click on the page's own entry takes them away."""

    def leave() -> None:
        for name in open_by:
            st.query_params.pop(name, None)

    _menu(key="leave_by_the_menu", height=1, on_left_change=leave)
