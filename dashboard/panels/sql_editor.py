"""Where a statement is written: from the address, from a chart, from an example, or by hand."""

import json
from typing import Any

import streamlit as st

from collector.errors import QuestionError
from composite_llm import settings
from dashboard import connection, state
from dashboard.panels import open_in_sql
from dashboard.plain import line
from dashboard.sql_run import SqlRun

TEXT, ARRIVED, NOTE, PUT = "sql_text", "sql_arrived", "sql_note", "sql_put"
MOST_CHARACTERS = 20_000
LIMIT, LIMITS = "sql_limit", (1_000, 10_000, 100_000)
MEANING = "Ctrl+Enter, too. One statement that only reads; it may take 30 s."
LONGEST_LINK = 4_000
"""Characters of a statement. A longer one is not put into the address, which browsers and proxies cut."""
FIXED_WIDTH = (
    f'<style>.st-key-{TEXT} textarea {{ font-family: "Source Code Pro", monospace; font-size: 13px }}</style>'
)
"""Carets and indents stand where they belong; Streamlit has no editor for code."""
FIRST = "select model, count(*) as calls, sum(cost_usd) as usd\nfrom spans\nwhere is_llm_call\ngroup by model\norder by usd desc"


def take_over() -> None:
    """Put what the reader came with into the editor. It is not run: a link must not make a store work."""
    arrived = _arrived()
    if arrived == st.session_state.get(ARRIVED) and TEXT in st.session_state:
        return
    st.session_state[ARRIVED] = arrived
    question, parameters, text = arrived
    if not question:
        put(text or st.session_state.get(TEXT) or FIRST)
        return
    try:
        told = _text_behind(question, parameters)
        put(told["sql"], told["note"])
    except QuestionError as problem:
        put(text or FIRST, f"The query of that link cannot be shown: {line(str(problem), 300)}")


def put(text: str, note: str = "") -> None:
    st.session_state[TEXT], st.session_state[NOTE], st.session_state[PUT] = text, note, text


def editor() -> bool:
    """True where the statement was sent to be run."""
    if note := st.session_state.get(NOTE):
        with st.container(border=True):
            st.text(note)
    st.html(FIXED_WIDTH)
    with st.form("sql_form", border=False):
        st.text_area(
            "Statement",
            key=TEXT,
            height=240,
            max_chars=MOST_CHARACTERS,
            label_visibility="collapsed",
            persist_state="session",
        )
        with st.container(horizontal=True, vertical_alignment="center"):
            sent = st.form_submit_button("Run", type="primary", icon=":material/play_arrow:", help=MEANING)
            st.selectbox(
                "Rows",
                LIMITS,
                format_func=lambda limit: f"at most {limit:,} rows",
                key=LIMIT,
                label_visibility="collapsed",
                width=210,
            )
    return sent


def run(key: str) -> None:
    """Begin to run what the editor holds; what ran before is cancelled."""
    text = st.session_state[TEXT]
    _remember(text)
    if before := st.session_state.get(key):
        before.cancel()
    client = connection.client(settings.load().collector)
    st.session_state[key] = SqlRun(client, text, _window(text), st.session_state[LIMIT])


def _remember(text: str) -> None:
    """In the address, so that it can be shared; what came from there unchanged is there already."""
    if text == st.session_state.get(PUT) and any(_arrived()):
        return
    for name in (state.QUESTION, state.PARAMETERS, state.SQL):
        st.query_params.pop(name, None)
    if len(text) <= LONGEST_LINK:
        st.query_params[state.SQL] = text
    st.session_state[ARRIVED] = _arrived()


def _text_behind(question: str, parameters: str) -> dict[str, str]:
    try:
        given = json.loads(parameters or "{}")
    except (ValueError, RecursionError) as error:
        raise QuestionError(f"its parameters are not JSON: {error}") from error
    if not isinstance(given, dict):
        raise QuestionError("its parameters must be a JSON object")
    return connection.client(settings.load().collector).question_text(question, given)


def _arrived() -> tuple[str, str, str]:
    """The question, its parameters as JSON, and the statement that the reader came with."""
    if handed := st.session_state.pop(open_in_sql.HANDED, None):
        question, parameters = handed
        return question, json.dumps(parameters), ""
    address: Any = st.query_params
    return (
        address.get(state.QUESTION, ""),
        address.get(state.PARAMETERS, ""),
        address.get(state.SQL, "")[:MOST_CHARACTERS],
    )


def _window(text: str) -> dict[str, int]:
    """The window chosen at the left, as far as the statement asks for it by name."""
    filters = state.current_filters()
    bounds = {"since_ns": filters.since_ns, "until_ns": filters.until_ns}
    return {name: value for name, value in bounds.items() if f"${name}" in text}
