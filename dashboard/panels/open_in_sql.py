"""From a chart or table to the query behind it."""

import json
from typing import Any
from zlib import crc32

import streamlit as st

from dashboard import state

LABEL, ICON = "SQL", ":material/database:"
MEANING = "The query behind this, opened in SQL, where it can be read, changed and run."
LONGEST_LINK = 1_500
"""Characters of parameters. More, such as a thousand ids, go through the session: browsers and proxies cut addresses."""
HANDED = "sql_handed"


def open_in_sql(question: str, **parameters: Any) -> None:
    """A small link to the collector's named question with these parameters, whose SQL is shown ready to run.

    The SQL is made when it is opened, so that the link costs the page nothing. A question or a parameter that the
    collector does not know is said there.
    """
    said = json.dumps(parameters, separators=(",", ":"), ensure_ascii=False)
    if len(said) <= LONGEST_LINK:
        address = {state.QUESTION: question, state.PARAMETERS: said}
        st.page_link(state.SQL_PAGE, label=LABEL, icon=ICON, help=MEANING, query_params=address)
        return
    key = f"open_in_sql_{question}_{crc32(said.encode())}"
    if st.button(LABEL, key=key, icon=ICON, help=MEANING, type="tertiary"):
        st.session_state[HANDED] = question, parameters
        st.switch_page(state.SQL_PAGE)
