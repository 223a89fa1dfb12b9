"""Tables of diagnostics whose rows lead to what is behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import state

MOST_SHOWN = 12
"""Rows before the table scrolls."""
ROW_HEIGHT = 36
KEYS = ("unpriced_table", "usage_table", "bottleneck_table", "cost_table")


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a row leads."""

    page: str
    address: Mapping[str, Any]


def to_span(trace_id: str, span_id: str = "") -> Leads:
    return Leads(state.TRACE_PAGE, {state.TRACE: trace_id} | ({state.SPAN: span_id} if span_id else {}))


def to_runs_of(model: str) -> Leads:
    """The dearest first. The filters on the left are every page's."""
    return Leads(state.TRACES_PAGE, {state.MODEL: model, state.SORT: "cost"})


def table(
    key: str,
    rows: Sequence[Mapping[str, object]],
    leads: Sequence[Leads],
    columns: Mapping[str, ColumnConfig],
    *,
    alt: str,
) -> None:
    st.session_state[f"{key}_leads"] = list(leads)
    st.dataframe(
        pd.DataFrame(rows, columns=list(columns)),
        key=key,
        on_select="rerun",
        selection_mode=["single-row", "single-cell"],
        hide_index=True,
        row_height=ROW_HEIGHT,
        height="content" if len(rows) <= MOST_SHOWN else ROW_HEIGHT * (MOST_SHOWN + 1),
        column_config=dict(columns),
        placeholder="",
        alt=alt,
    )


def open_chosen() -> None:
    """Go where a row leads that was chosen, before the rows are drawn anew."""
    for key in KEYS:
        chosen = st.session_state.get(key, {}).get("selection", {})
        rows = chosen.get("rows") or [row for row, _ in chosen.get("cells", [])]
        leads = st.session_state.get(f"{key}_leads", [])
        if rows and rows[0] < len(leads):
            st.switch_page(leads[rows[0]].page, query_params=leads[rows[0]].address)


def fixed_table(
    rows: Sequence[Mapping[str, object]], alt: str, columns: Mapping[str, ColumnConfig] | None = None
) -> None:
    """One that shows all its rows and leads nowhere."""
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, height="content", column_config=dict(columns or {}), alt=alt
    )
