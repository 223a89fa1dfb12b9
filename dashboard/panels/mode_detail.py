"""One mode: what it is, what it would take, and what its runs came to."""

import streamlit as st

from composite_llm.planning.told import SYMBOLS, Mode
from dashboard import estimates, fmt, state
from dashboard.answers import Totals
from dashboard.catalogue import KINDS
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.panels.figure import figure
from dashboard.panels.mode_graph import graph_of
from dashboard.panels.mode_notices import unpriced
from dashboard.panels.mode_run_it import mode_run_it
from dashboard.panels.mode_runs import mode_runs
from dashboard.panels.mode_spread import mode_spread
from dashboard.panels.mode_structure import mode_structure
from dashboard.panels.mode_table import calls, cost_per_run, origin
from dashboard.panels.mode_text import mode_text
from dashboard.panels.mode_trend import mode_trend
from dashboard.plain import in_markdown, line

AVERAGE, SPREAD, TREND, RUNS, DEFINITION = (
    "Average run",
    "Spread",
    "Over time",
    "Runs and errors",
    "Definition",
)
SHOWN = {AVERAGE: mode_structure, SPREAD: mode_spread, TREND: mode_trend, RUNS: mode_runs}
USABLE = ("own", "bundled", "strategy")


def mode_detail(mode: Mode | None, runs: ModeRuns) -> None:
    """`mode` None: it is not read yet, or is not here any more."""
    found = asking.totals(runs)
    recorded = found if found.runs else None
    if mode and mode.kind == "broken":
        _broken(mode)
    if mode and mode.kind != "broken":
        st.text(line(mode.description, 500))
    _figures(mode, recorded)
    if mode and mode.estimate:
        unpriced(list(mode.estimate.unpriced))
    if recorded:
        _parts(mode, runs)
    elif mode and mode.kind in USABLE:
        st.caption(
            "No run of it began in this window, with these filters. This is what it is, and how to run it."
        )
        _definition(mode)


def _parts(mode: Mode | None, runs: ModeRuns) -> None:
    # Always the same ones: an address may name one before the mode is read.
    names = [*SHOWN, DEFINITION]
    tabs = st.tabs(names, key=state.PART, on_change="rerun", bind="query-params")
    for name, tab in zip(names, tabs, strict=True):
        if not tab.open:
            continue
        with tab:
            if shown := SHOWN.get(name):
                shown(runs)
            elif mode and mode.kind in USABLE:
                _definition(mode)
            else:
                st.caption("What it is made of has not been read yet, or is not here any more.")


def _definition(mode: Mode) -> None:
    if mode.calls:
        st.caption(f"Calls: {mode.calls}. {SYMBOLS}. Its cost is up to the models.")
    for problem in mode.problems:
        st.warning("What it takes cannot be told.", icon=":material/help:")
        st.code(problem, language=None, wrap_lines=True)
    with st.grid(2, min_column_width=540, gap="small"):
        with st.container(border=True):
            graph_of(mode)
        with st.container(border=True):
            mode_text(mode)
    mode_run_it(mode)


def no_such_mode(runs: ModeRuns) -> None:
    st.write(
        "There is no strategy and no profile of this name here. It may have been renamed, or belong to another program."
    )
    st.code(line(runs.name, 300), language=None, wrap_lines=True)
    mode_detail(None, runs)


def mode_title(name: str, mode: Mode | None, runs: Totals | None) -> None:
    # No page link back: one to the page it stands on leaves the address as it is.
    st.button("Modes", icon=":material/arrow_back:", type="tertiary", on_click=to_the_list)
    st.title(in_markdown(name, 80), anchor=False, width="content")
    if mode:
        st.badge(KINDS.get(mode.kind, mode.kind), color="red" if mode.kind == "broken" else "blue")
    if mode and mode.experimental:
        st.badge("experimental", color="orange")
    if mode and mode.strategy not in ("", "steps", mode.name):
        st.badge(in_markdown(mode.strategy, 40), color="gray")
    if runs and runs.simulated_runs:
        st.badge(
            "simulated" if origin(runs) == "simulated" else "partly simulated",
            color="orange",
            icon=":material/science:",
        )


def to_the_list() -> None:
    for name in (state.MODE, state.WITH, state.PART, state.SCOPE):
        st.query_params.pop(name, None)


def _broken(mode: Mode) -> None:
    st.error("This profile cannot be used until it is mended.", icon=":material/edit_document:")
    st.code("\n".join(mode.problems), language=None, wrap_lines=True)


def _figures(mode: Mode | None, runs: Totals | None) -> None:
    estimated = mode is not None and mode.kind in ("own", "bundled")
    if not runs and not estimated:
        return
    with st.grid(5, min_column_width=130, gap="small"):
        if mode and estimated:
            figure("Calls", calls(mode), "typical request", "The fewest and the most, without retries.")
            most, least = estimates.most_cost(mode.estimate)
            figure("Estimate", most, least, "The most, by LiteLLM's price table and without retries.")
        if runs:
            _recorded(runs)


def _recorded(runs: Totals) -> None:
    figure(
        "Runs",
        fmt.count(runs.runs),
        f"{fmt.share(runs.runs_with_errors, runs.runs)} with errors",
        "Of the window on the left. In runs with errors something failed; "
        f"{fmt.plural(runs.failed_runs, 'run')} failed as a whole and gave no answer.",
    )
    figure("Cost per run", cost_per_run(runs), _recorded_as(runs), "The mean of what was recorded.")
    figure(
        "Latency p50",
        fmt.duration(runs.p50_latency_ms),
        f"p95 {fmt.duration(runs.p95_latency_ms)}",
        "Half of the runs were faster than the first, 19 of 20 than the second.",
    )


def _recorded_as(runs: Totals) -> str:
    if runs.unpriced_calls:
        return "no price known" if runs.nothing_priced else "lower bound"
    return "not billed" if runs.simulated_runs == runs.runs else "as recorded"
