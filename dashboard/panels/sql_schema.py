"""What can be asked about: tables, columns, their types, units and meanings, as the collector tells them."""

from typing import Any

import pandas as pd
import streamlit as st

from composite_llm import settings
from dashboard import connection, fmt
from dashboard.plain import line


def schema() -> None:
    told = _schema(settings.load().collector)
    st.subheader("Schema", anchor=False)
    wanted = st.text_input(
        "Find a column",
        key="sql_schema_text",
        placeholder="Find a column, such as cost",
        label_visibility="collapsed",
    ).lower()
    for table in told["tables"]:
        columns = [
            column for column in table["columns"] if wanted in f"{column['name']} {column['meaning']}".lower()
        ]
        if columns:
            _table(table, columns, is_open=bool(wanted))
    if not wanted:
        for function in told["functions"]:
            st.code(function["call"], language=None, wrap_lines=True)
            st.caption(line(function["meaning"], 500))


def _table(table: dict[str, Any], columns: list[dict[str, str]], *, is_open: bool) -> None:
    label = f"{table['name']} · {fmt.plural(len(columns), 'column')}"
    box = st.expander(label, expanded=is_open, key=f"sql_table_{table['name']}_{is_open}", on_change="rerun")
    if not box.open:
        return
    with box:
        st.caption(line(table["meaning"], 500))
        st.dataframe(
            pd.DataFrame([_cells(column) for column in columns]),
            hide_index=True,
            height=min(420, 35 * (len(columns) + 1) + 3),
            row_height=35,
            alt=f"Columns of {table['name']} with type, unit and meaning",
        )


def _cells(column: dict[str, str]) -> dict[str, str]:
    return {
        "Column": column["name"],
        "Type": column["type"].lower(),
        "Unit": column.get("unit", ""),
        "Meaning": column["meaning"],
    }


@st.cache_data(ttl="1h", max_entries=4, show_spinner=False)
def _schema(url: str) -> dict[str, Any]:
    return connection.client(url).get("/schema")
