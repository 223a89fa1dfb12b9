"""What stands side by side only where the window is wide enough.

Streamlit's columns do not know how wide the window is, and its grid gives all columns one width and leaves a last
card alone in its row. A rule of style does both: it names containers by their keys, as Streamlit documents it.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

WIDE = 1600
"""Pixels of the window."""
TWO_PARTS = "minmax(0, 3fr) minmax(0, 2fr)"
IN_ONE_ROW = "repeat({cards}, minmax(0, 1fr))"
RULE = """<style>
@media (min-width: {wide}px) {{
  .st-key-{name} {{ display: grid; grid-template-columns: {columns}; align-items: {aligned}; }}
}}
</style>"""


def beside(name: str, is_wanted: bool) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The wide part and the narrow one, below it or to its right. `name` is ours, never from a trace."""
    if is_wanted:
        _rule(name, TWO_PARTS, "start")
    with st.container(key=name):
        return st.container(), st.container()


def cards(name: str, number: int) -> DeltaGenerator:
    """Room for a number of cards, in two rows or in one. `name` is ours."""
    _rule(name, IN_ONE_ROW.format(cards=number), "stretch")
    return st.grid(number // 2, min_column_width=150, gap="small", key=name)


def _rule(name: str, columns: str, aligned: str) -> None:
    st.html(RULE.format(wide=WIDE, name=name, columns=columns, aligned=aligned))
