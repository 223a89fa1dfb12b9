"""The runs of the list, or those that are marked, as a file."""

from collections.abc import Sequence

import streamlit as st

from composite_llm import settings
from dashboard import connection, fmt, state
from dashboard.run_export import FORMATS, MOST_BYTES, RunExport, most
from dashboard.state import Search

EXPORT, FORMAT = "run_export", "run_export_format"
BEAT = "0.5s"
MEANINGS = {
    "CSV": "One row a run, for a spreadsheet.",
    "Parquet": "One row a run, with types, for notebooks and DuckDB.",
    "OTLP": "All spans of the runs as they came, with prompts and answers: for any tool that reads OTLP/JSON.",
}


def export(asked: Search, marked: Sequence[str], matching: int) -> None:
    with st.popover("Export", icon=":material/download:", width="content"):
        kind = st.segmented_control("Format", list(FORMATS), default="CSV", required=True, key=FORMAT)
        st.caption(MEANINGS[kind])
        which = f"{fmt.plural(len(marked), 'marked run')}" if marked else f"{fmt.plural(matching, 'run')}"
        limit = most(kind)
        if not marked and matching > limit:
            st.caption(
                f"Of {fmt.plural(matching, 'run')} the first {fmt.count(limit)} in the order of the list."
            )
            which = f"{fmt.count(limit)} runs"
        running: RunExport | None = st.session_state.get(EXPORT)
        if running is None:
            st.button(
                f"Make a file of {which}", type="primary", on_click=_begin, args=(kind, asked, tuple(marked))
            )
        else:
            _progress(running)


def _begin(kind: str, asked: Search, marked: tuple[str, ...]) -> None:
    client = connection.client(settings.load().collector)
    st.session_state[EXPORT] = RunExport(client, kind, state.current_filters(), asked, marked)


def _progress(running: RunExport) -> None:
    was_running = running.state == "running"

    # How often a fragment runs is fixed when it is registered, so the end runs the list anew.
    @st.fragment(run_every=BEAT if was_running else None)
    def progress() -> None:
        if was_running and running.state != "running":
            st.rerun()
        if running.state == "running":
            st.progress(min(1.0, running.share), text=f"{fmt.plural(running.done, 'run')} so far")
            st.button("Stop", icon=":material/stop:", on_click=running.stop)
        else:
            _ended(running)

    progress()


def _ended(ended: RunExport) -> None:
    if ended.problem:
        st.error("The file could not be made.")
        st.text(str(ended.problem))
    elif ended.state == "stopped":
        st.caption("Stopped.")
    else:
        if ended.state == "cut":
            st.caption(
                f"It ends after {fmt.count(ended.done)} of {fmt.plural(ended.wanted, 'run')}: a file has at most "
                f"{fmt.size(MOST_BYTES)}. Mark fewer runs, or ask for a shorter window."
            )
        st.download_button(
            f"Download {ended.file_name} ({fmt.plural(ended.done, 'run')}, {fmt.size(len(ended.content))})",
            ended.content,
            file_name=ended.file_name,
            mime=FORMATS[ended.kind][1],
            icon=":material/download:",
            type="primary",
            on_click="ignore",
        )
    st.button("Another file", on_click=_forget)


def _forget() -> None:
    if running := st.session_state.pop(EXPORT, None):
        running.stop()
