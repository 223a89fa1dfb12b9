"""One figure in a frame: what it is, its value, and what stands under it."""

import streamlit as st


def figure(label: str, value: str, detail: str, meaning: str) -> None:
    st.metric(
        label,
        value,
        detail,
        delta_color="off",
        delta_arrow="off",
        help=meaning,
        border=True,
        height="stretch",
    )
