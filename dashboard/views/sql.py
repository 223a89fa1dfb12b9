"""What else do I want to know? Any question about the store, in SQL that can only read."""

import streamlit as st

from dashboard import connection, fmt
from dashboard.panels import sql_chart, sql_editor, sql_examples, sql_result, sql_schema
from dashboard.panels.heading import heading
from dashboard.sql_run import SqlRun

RUN = "sql_run"
BEAT = "0.4s"


@st.fragment(run_every=BEAT)
@connection.explained()
def under_way(run: SqlRun) -> None:
    run.seen()
    if not run.is_running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Cancel", icon=":material/stop:", on_click=run.cancel)
        st.caption(f"Running for {fmt.duration(run.elapsed_ms)}", width="content")


def answered(run: SqlRun) -> None:
    if run.answer is None:
        sql_result.without_answer(run)
        return
    table = run.answer.table
    sql_result.summary(run, table, is_cut=run.answer.is_cut)
    rows, chart = st.tabs(["Rows", "Chart"], key="sql_tab", on_change="rerun", bind="query-params")
    if rows.open:
        with rows:
            sql_result.rows(table)
    if chart.open:
        with chart:
            sql_chart.chart(table)


heading("SQL")
sql_editor.take_over()
work, aside = st.columns([0.7, 0.3], gap="medium")
with aside:
    sql_examples.example_menu()
    sql_schema.schema()
with work:
    if sql_editor.editor():
        sql_editor.run(RUN)
    run: SqlRun | None = st.session_state.get(RUN)
    if run and run.is_running:
        under_way(run)
    elif run:
        answered(run)
