"""From a mode to the list of its runs."""

import streamlit as st

from dashboard import fmt, state
from dashboard.modes.asking import ModeRuns

CARRIED = (state.WINDOW, state.SINCE, state.UNTIL, state.STRATEGIES, state.ORIGIN, state.TAG)


def address_of(runs: ModeRuns) -> dict[str, str | list[str]]:
    """Of the list of these runs, with the filters that the page has."""
    filters: dict[str, str | list[str]] = {
        name: values for name in CARRIED if (values := st.query_params.get_all(name))
    }
    return filters | ({state.STRATEGIES: runs.name} if runs.whole_strategy else {state.PROFILE: runs.name})


def to_the_runs(runs: ModeRuns, count: int) -> None:
    st.page_link(
        state.TRACES_PAGE,
        label=f"The {fmt.plural(count, 'run')} on Traces" if count > 1 else "The run on Traces",
        icon=":material/table_rows:",
        query_params=address_of(runs),
    )
