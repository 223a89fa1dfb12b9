"""Two parts of a page, one under the other, and side by side where the window is wide enough for both.

Streamlit's columns do not know how wide the window is, and its grid has columns of one width; a rule of style does
both. It names containers by their keys, as Streamlit documents it.
"""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

WIDE = 1600
"""Pixels of the window."""
RULE = """<style>
@media (min-width: {wide}px) {{
  .st-key-{name} {{ display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: start; }}
}}
</style>"""


def beside(name: str, is_wanted: bool) -> tuple[DeltaGenerator, DeltaGenerator]:
    """The wide part and the narrow one. `name` is ours, never from a trace."""
    if is_wanted:
        st.html(RULE.format(wide=WIDE, name=name))
    with st.container(key=name):
        return st.container(), st.container()
