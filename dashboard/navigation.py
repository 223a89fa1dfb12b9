"""Which pages there are, and what must be true before any of them is drawn. Runs anew for every look."""

from pathlib import Path

import streamlit as st

from dashboard import access, connection, samples, state
from dashboard.panels import sidebar

LOGO = str(Path(__file__).with_name("logo.svg"))


def main() -> None:
    st.set_page_config(page_title="composite_llm", page_icon=LOGO, layout="wide")
    st.logo(LOGO, size="large")
    page = st.navigation(
        {
            "composite_llm": [
                st.Page(
                    state.OVERVIEW_PAGE,
                    title="Overview",
                    icon=":material/monitoring:",
                    default=True,
                    help="What was spent, whether it is going up, and on what.",
                ),
                st.Page(
                    state.TRACES_PAGE,
                    title="Traces",
                    icon=":material/table_rows:",
                    url_path="traces",
                    help="Every run, newest first. Open one to see its timeline.",
                ),
                st.Page(
                    state.RECURSION_PAGE,
                    title="Recursion",
                    icon=":material/view_quilt:",
                    url_path="recursion",
                    help="How deep runs nest, what each level costs, and which of them ran away.",
                ),
                st.Page(
                    state.MODES_PAGE,
                    title="Modes",
                    icon=":material/account_tree:",
                    url_path="strategies",
                    help="What can be run by name: its graph, what it takes, and what its runs came to.",
                ),
                st.Page(
                    state.PLAYGROUND_PAGE,
                    title="Playground",
                    icon=":material/experiment:",
                    url_path="playground",
                    help="Ask a mode something, watch it work, and see what it came to.",
                ),
                st.Page(
                    state.SQL_PAGE,
                    title="SQL",
                    icon=":material/database:",
                    url_path="sql",
                    help="Any question about the store, in SQL that can only read.",
                ),
                st.Page(
                    state.DIAGNOSTICS_PAGE,
                    title="Diagnostics",
                    icon=":material/troubleshoot:",
                    url_path="diagnostics",
                    help="Whether the totals can be trusted, how spans come in, and what runs wait for.",
                ),
                st.Page(state.TRACE_PAGE, title="Trace", url_path="trace", visibility="hidden"),
                st.Page(state.COMPARE_PAGE, title="Compare", url_path="compare", visibility="hidden"),
            ]
        }
    )
    access.admit()
    with connection.explained():
        health = connection.ensure()
        samples.record_once(health)
        sidebar.filters(health)
        access.log_out_button()
        page.run()


main()
