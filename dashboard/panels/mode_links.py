"""From a mode to the list of its runs."""

import streamlit as st

from dashboard import fmt, links
from dashboard.links import Runs
from dashboard.modes.asking import ModeRuns


def to_the_runs(runs: ModeRuns, count: int) -> None:
    label = f"The {fmt.plural(count, 'run')} on Traces" if count > 1 else "The run on Traces"
    to_listed(label, runs)


def to_listed(label: str, runs: ModeRuns, *, sort: str = "", errors_only: bool = False) -> None:
    """A button, since the filters of the sidebar are to be set, which an address cannot: see `links.choose_runs`."""
    strategy, mode = (runs.name, "") if runs.whole_strategy else ("", runs.name)
    st.button(
        label,
        key=f"listed-{label}-{sort}-{errors_only}",
        icon=":material/table_rows:",
        type="tertiary",
        on_click=links.choose_runs,
        args=(Runs(strategy=strategy, mode=mode, sort=sort, errors_only=errors_only),),
    )
