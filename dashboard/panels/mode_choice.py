"""What is looked at of a mode: which runs, and beside which other mode."""

from collections.abc import Iterable

import streamlit as st

from composite_llm.planning.told import Catalogue, Mode
from dashboard import fmt, state
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.plain import line
from dashboard.state import Filters

BY_NAME, ALL = "by its name", "all, profiles' too"


def compared_with(name: str, catalogue: Catalogue | None, recorded: Iterable[str]) -> str:
    """The mode to put beside this one; empty for none. Those with runs come first."""
    ran = [each for each in recorded if each != name]
    usable = [mode.name for mode in catalogue.modes if mode.kind != "broken"] if catalogue else []
    given = st.query_params.get(state.WITH, "")
    names = list(dict.fromkeys([*ran, *(each for each in usable if each != name), *filter(None, [given])]))
    return (
        st.selectbox(
            "Compare with",
            names,
            index=None,
            key=state.WITH,
            bind="query-params",
            placeholder="Compare with …",
            format_func=lambda each: line(each, 80),
            label_visibility="collapsed",
            width=230,
        )
        or ""
    )


def ran_in_profiles_only(filters: Filters, mode: Mode | None) -> bool:
    """Of a strategy that nobody asked for by its own name, the runs of profiles that are made of it are all there are."""
    return (
        mode is not None and mode.kind == "strategy" and not asking.totals(ModeRuns(filters, mode.name)).runs
    )


def whole_strategy(filters: Filters, mode: Mode | None) -> bool:
    """Of a strategy: whether to look at all its runs, or at those that asked for it by its own name."""
    if mode is None or mode.kind != "strategy":
        return False
    by_name = asking.totals(ModeRuns(filters, mode.name)).runs
    in_all = asking.totals(ModeRuns(filters, mode.name, whole_strategy=True)).runs
    if in_all == by_name:
        return False
    chosen = st.segmented_control(
        "Runs",
        [BY_NAME, ALL],
        default=BY_NAME if by_name else ALL,
        required=True,
        key=state.SCOPE,
        bind="query-params",
        help=f"{fmt.plural(by_name, 'run')} asked for it by its own name, as composite/{mode.name}/…; {in_all:,} were "
        "run by it in all, those of profiles that are made of it among them.",
    )
    return chosen == ALL
