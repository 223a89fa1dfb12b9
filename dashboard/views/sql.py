"""What else do I want to know? Any question about the store, in SQL that can only read."""

import streamlit as st

from composite_llm import settings
from dashboard import connection, fmt
from dashboard.panels import sql_editor, sql_result
from dashboard.panels.heading import heading
from dashboard.sql_run import SqlRun

RUN = "sql_run"
BEAT = "0.3s"

heading("SQL")
sql_editor.take_over()
if sql_editor.editor():
    text = st.session_state[sql_editor.TEXT]
    sql_editor.remember(text)
    if before := st.session_state.get(RUN):
        before.cancel()
    st.session_state[RUN] = SqlRun(
        connection.client(settings.load().collector), text, sql_editor.window(text), row_limit=1000
    )


@st.fragment(run_every=BEAT)
@connection.explained()
def under_way(run: SqlRun) -> None:
    run.seen()
    if not run.is_running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Running … {fmt.duration(run.elapsed_ms)}", width="content")
        st.button("Cancel", icon=":material/stop:", on_click=run.cancel)


run: SqlRun | None = st.session_state.get(RUN)
if run and run.is_running:
    under_way(run)
elif run:
    sql_result.outcome(run)
