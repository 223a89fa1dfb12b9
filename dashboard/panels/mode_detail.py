"""One mode: what it is, what it would take, what its runs came to, its graph, and how it is written."""

import streamlit as st

from composite_llm.planning.told import SYMBOLS, Mode
from dashboard import estimates, fmt, queries, state
from dashboard.answers import ModeTotals
from dashboard.catalogue import KINDS
from dashboard.panels.figure import figure
from dashboard.panels.mode_notices import unpriced
from dashboard.panels.mode_table import calls, cost_per_run, origin
from dashboard.panels.mode_text import mode_text
from dashboard.plain import in_markdown, line
from dashboard.widgets.mode_graph import mode_graph

MOST_NODES = 80
BADGES = {"broken": "red", "strategy": "blue"}


def mode_detail(name: str, mode: Mode | None, runs: ModeTotals | None) -> None:
    """`mode` None: it is not read yet."""
    _title(name, mode, runs)
    if mode and mode.kind == "broken":
        _broken(mode)
    if mode and mode.kind != "broken":
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(line(mode.description, 500), width="stretch")
            st.code(mode.model, language=None, width="content", wrap_lines=True)
        if mode.calls:
            st.caption(f"Calls: {mode.calls}. {SYMBOLS}. Its cost is up to the models.")
    _figures(mode, runs)
    if mode and mode.estimate:
        unpriced(list(mode.estimate.unpriced))
    if mode and mode.kind != "broken":
        for problem in mode.problems:
            st.warning("What it takes cannot be told.", icon=":material/help:")
            st.code(problem, language=None, wrap_lines=True)
        with st.grid(2, min_column_width=540, gap="small"):
            with st.container(border=True):
                _graph(mode)
            with st.container(border=True):
                mode_text(mode)


def no_such_mode(name: str, runs: ModeTotals | None) -> None:
    _title(name, None, runs)
    st.write(
        "There is no strategy and no profile of this name here. It may have been renamed, or belong to another program."
    )
    st.code(line(name, 300), language=None, wrap_lines=True)
    _figures(None, runs)


def _title(name: str, mode: Mode | None, runs: ModeTotals | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        # No page link: one to the page it stands on leaves the address as it is.
        st.button("Modes", icon=":material/arrow_back:", type="tertiary", on_click=_to_the_list)
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
        if runs:
            st.space("stretch")
            _to_the_runs(name, runs)


def _to_the_list() -> None:
    st.query_params.pop(state.MODE, None)


def _broken(mode: Mode) -> None:
    st.error("This profile cannot be used until it is mended.", icon=":material/edit_document:")
    st.code("\n".join(mode.problems), language=None, wrap_lines=True)


def _figures(mode: Mode | None, runs: ModeTotals | None) -> None:
    if not runs and (mode is None or mode.kind not in ("own", "bundled")):
        return
    with st.grid(5, min_column_width=130, gap="small"):
        if mode and mode.kind in ("own", "bundled"):
            figure("Calls", calls(mode), "typical request", "The fewest and the most, without retries.")
            most, least = estimates.most_cost(mode.estimate)
            figure("Estimate", most, least, "The most, by LiteLLM's price table and without retries.")
        if runs:
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


def _recorded_as(runs: ModeTotals) -> str:
    if runs.unpriced_calls:
        return "no price known" if runs.nothing_priced else "lower bound"
    return "not billed" if runs.simulated_runs == runs.runs else "as recorded"


def _to_the_runs(name: str, runs: ModeTotals) -> None:
    st.page_link(
        state.TRACES_PAGE,
        label=f"The {fmt.plural(runs.runs, 'run')} on Traces" if runs.runs > 1 else "The run on Traces",
        icon=":material/table_rows:",
        query_params={state.MODE: name},
    )


def _graph(mode: Mode) -> None:
    st.subheader("Graph", anchor=False)
    if mode.drawing is None:
        st.caption("It cannot be drawn as long as a composite in it cannot be read.")
        return
    if mode.drawn:
        st.caption(
            f"As in the profile {in_markdown(mode.drawn, 80)}; its own depends on what it is called with."
        )
    if len(mode.drawing.nodes) > MOST_NODES:
        st.caption(f"{fmt.plural(len(mode.drawing.nodes), 'step')} are too many to draw; Steps lists them.")
        return
    steps = fmt.plural(len(mode.drawing.nodes) - 1, "step")
    mode_graph(
        mode.drawing,
        key=f"graph-{mode.name}",
        summary=f"Graph of {line(mode.name, 80)}: {steps} from the question to the answer. The Steps tab has them as text.",
        colours=queries.model_colours(),
    )
    if any(node.optional for node in mode.drawing.nodes):
        st.caption("Dashed in amber: run only where a condition goes on with it.")
