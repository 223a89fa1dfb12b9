"""The answer of a statement as a chart; what stands on its axes is the reader's choice."""

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from dashboard import queries, sql_figure
from dashboard.panels import sql_cells
from dashboard.plain import in_markdown
from dashboard.sql_figure import ALL, KINDS, MOST_ROWS, Choice, Columns

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def chart(answer: pa.Table) -> None:
    table = answer.rename_columns(sql_cells.named(answer.column_names))
    first = sql_figure.sensible(table)
    if first is None:
        st.caption("A chart needs a column of numbers and one more; this answer has none.")
        return
    choice = _chosen(Columns.of(table), first)
    st.plotly_chart(
        sql_figure.figure(table, choice, queries.model_colours()),
        config=CONFIG,
        key="sql_chart",
        alt=f"{choice.kind} chart of {choice.y} by {choice.x}"
        + (f", one colour a {choice.colour}" if choice.colour else ""),
    )
    if table.num_rows > MOST_ROWS:
        st.caption(f"Drawn are the first {MOST_ROWS:,} of {table.num_rows:,} rows.")


def _chosen(columns: Columns, first: Choice) -> Choice:
    """The keys hold the columns' names, so that another answer begins with what suits it."""
    key = "_".join(columns.along)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Chart", KINDS, default=first.kind, required=True, key=f"sql_kind_{key}", width="content"
        )
        x = _column("Along", columns.along, first.x, f"sql_x_{key}")
        y = _column("Value", columns.numbers, first.y, f"sql_y_{key}")
        colours = [ALL, *columns.texts]
        colour = _column("Colour", colours, first.colour, f"sql_colour_{key}")
    return Choice(kind, x, y, colour)


def _column(label: str, options: Sequence[str], first: str, key: str) -> str:
    return st.selectbox(
        label,
        options,
        options.index(first),
        key=key,
        width=180,
        format_func=lambda name: in_markdown(name, 60) or "none",
    )
