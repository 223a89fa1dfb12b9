"""What a statement answered: its rows, how many and how fast, and the same as files."""

import io
import re
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from collector.api import cells
from dashboard import fmt, state
from dashboard.panels import sql_cells
from dashboard.sql_run import SqlRun

ROW_HEIGHT, MOST_HEIGHT = 35, 420
TABLE = "sql_rows"
TRACE_ID = re.compile("[0-9a-f]{32}")


def without_answer(run: SqlRun) -> None:
    if run.problem:
        problem(str(run.problem))
    else:
        after = fmt.duration(run.elapsed_ms)
        st.info(f"Cancelled after {after}. The engine has stopped, too.", icon=":material/stop:")


def problem(words: str) -> None:
    """As the engine says it: a caret under the place needs a fixed width."""
    st.error("The statement was not answered.", icon=":material/error:")
    st.code(words, language=None, wrap_lines=False)


def summary(run: SqlRun, table: pa.Table, *, is_cut: bool) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.caption(
            f"{fmt.plural(table.num_rows, 'row')} · {fmt.plural(table.num_columns, 'column')} · "
            f"{fmt.duration(run.elapsed_ms)}",
            width="content",
        )
        with st.container(horizontal=True, width="content"):
            st.download_button(
                "CSV",
                lambda: csv_of(table),
                "result.csv",
                "text/csv",
                on_click="ignore",
                icon=":material/download:",
                help="Every value in full; times in UTC, as they are stored.",
            )
            st.download_button(
                "Parquet",
                lambda: parquet_of(table),
                "result.parquet",
                "application/vnd.apache.parquet",
                on_click="ignore",
                icon=":material/download:",
                help="The engine's own types.",
            )
    if is_cut:
        st.warning(
            f"These are the first {table.num_rows:,} rows; there are more. Raise the limit, or let SQL add them up.",
            icon=":material/content_cut:",
        )


def rows(table: pa.Table) -> None:
    zone = state.zone()
    if not table.num_rows:
        st.caption("No row. The statement ran, and found nothing.")
        return
    chosen = st.dataframe(
        sql_cells.frame(table, zone),
        hide_index=True,
        height=min(MOST_HEIGHT, ROW_HEIGHT * (table.num_rows + 1) + 3),
        placeholder="NULL",
        key=TABLE,
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(table),
        alt=f"Table of the answer: {fmt.plural(table.num_rows, 'row')}, {fmt.plural(table.num_columns, 'column')}",
    )
    _open_run(table, chosen.selection.rows)
    if any(pa.types.is_timestamp(field.type) for field in table.schema):
        st.caption(f"Times are shown in {zone}; they are stored in UTC.")


def _open_run(table: pa.Table, chosen: Sequence[int]) -> None:
    """A row that names a run leads to it."""
    if "trace_id" not in table.column_names:
        return
    if not chosen:
        st.caption("Select a row to open its run.")
        return
    [column] = table.select([table.column_names.index("trace_id")]).columns
    trace_id = str(column[chosen[0]].as_py()) if chosen[0] < table.num_rows else ""
    if TRACE_ID.fullmatch(trace_id):
        st.page_link(
            state.TRACE_PAGE,
            label=f"Open run {trace_id[:8]}",
            icon=":material/arrow_forward:",
            query_params={state.TRACE: trace_id},
        )


def csv_of(table: pa.Table) -> bytes:
    return "".join(cells.csv_parts(table)).encode()


def parquet_of(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table.rename_columns(sql_cells.named(table.column_names)), file)
    return file.getvalue()


def _columns(table: pa.Table) -> dict[str, ColumnConfig]:
    """Numbers with all their digits: by itself the table would round to four."""
    column = st.column_config
    return {
        name: column.NumberColumn(format="plain")
        for name, field in zip(sql_cells.shown(table), table.schema, strict=True)
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
    }
