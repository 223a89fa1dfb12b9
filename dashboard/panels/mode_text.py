"""A mode in words: its file, its parameters, its steps. Plain text, whatever stands in a profile."""

from collections.abc import Sequence

import streamlit as st

from composite_llm.planning.told import Line, Mode
from dashboard.plain import in_markdown, line


def mode_text(mode: Mode) -> None:
    first = "About" if mode.kind == "strategy" else "Profile"
    names = [first, "Parameters", "Steps"] if mode.parameters else [first, "Steps"]
    for name, tab in zip(names, st.tabs(names), strict=True):
        with tab:
            match name:
                case "Parameters":
                    st.code(
                        columns(("parameter", "default"), mode.parameters), language=None, wrap_lines=True
                    )
                case "Steps":
                    st.code(_steps(mode.outline), language=None)
                case _:
                    _written(mode)


def _written(mode: Mode) -> None:
    if mode.place:
        st.caption(in_markdown(mode.place, 300))
    st.code(
        mode.text or "It is not there any more.", language="yaml" if mode.place else None, wrap_lines=True
    )


def _steps(outline: Sequence[Line]) -> str:
    rows = [(each.step, each.kind, each.reads, each.asks) for each in outline]
    return columns(("step", "kind", "reads", "asks"), rows)


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """As text under each other."""
    table = [tuple(head), *(tuple(_cell(cell) for cell in row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def _cell(text: str) -> str:
    """In one line; the blanks in front say what it is inside of."""
    told = line(text, 300)
    return " " * (len(text) - len(text.lstrip(" "))) + told
