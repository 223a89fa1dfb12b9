"""Makes one press of Back enough to return from a trace to the list it was opened from.

`st.switch_page` with a query writes two entries into the browser's history: first the page it leaves with the new
query, then the page it goes to. Who comes back over the first one is taken on to the entry before it, which is the
list with its filters; the entry itself becomes the trace, so that Forward finds it.
"""

from pathlib import Path

from streamlit.components.v2 import component

_component = component("step_back", js=Path(__file__).with_name("step_back.js").read_text(encoding="utf-8"))


def step_back(*, forward: str) -> None:
    """Go back one entry; `forward` is the relative address that this one becomes."""
    _component(key=f"step_back-{forward}", data={"forward": forward}, height=1)
