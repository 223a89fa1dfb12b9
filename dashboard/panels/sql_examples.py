"""Questions to begin with, each a click away from the editor."""

import streamlit as st

from dashboard.panels import sql_editor
from dashboard.sql_examples import examples

WINDOW = "`$since_ns` and `$until_ns` stand for the window chosen at the left."


def example_menu() -> None:
    with st.popover("Examples", icon=":material/lightbulb:", type="tertiary"):
        st.caption(f"Each opens in the editor. {WINDOW}")
        with st.container(gap=None):
            for asked, text in examples().items():
                st.button(
                    asked, key=f"example_{asked}", type="tertiary", on_click=sql_editor.put, args=(text,)
                )
