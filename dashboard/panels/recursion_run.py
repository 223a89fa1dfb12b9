"""One run on the Recursion page: its figures, its tree, what the picked part was given, what was read of its text."""

import streamlit as st

from dashboard import connection, fmt, state
from dashboard.answers import Summary
from dashboard.panels.figure import figure
from dashboard.panels.recursion_context import recursion_context
from dashboard.panels.recursion_levels import recursion_levels
from dashboard.panels.recursion_part import recursion_part
from dashboard.panels.recursion_repeats import recursion_repeats
from dashboard.panels.recursion_tree import recursion_tree
from dashboard.plain import in_markdown, line
from dashboard.recursion import asking
from dashboard.recursion.by_depth import fan_outs, levels
from dashboard.recursion.limits import limits_met
from dashboard.run import Run


def recursion_run(run: Run) -> None:
    _heading(run)
    _figures(run)
    _explored(run)
    with st.grid(2, min_column_width=400, gap="small"):
        recursion_levels(run)
        recursion_context(run)
    if asking.nesting(run, steps=False).deepest or asking.node_facts(run):
        recursion_repeats([asking.place_of(run)], run.revision)


def no_such_run(trace_id: str) -> None:
    st.title("No such trace", anchor=False)
    st.write(
        "The store has no trace with this id. It may have been deleted, or its spans have not arrived yet."
    )
    st.code(line(trace_id), language=None)
    st.page_link(state.RECURSION_PAGE, label="All recursive runs", icon=":material/arrow_back:")


def pick(span_id: str) -> None:
    """The address leads: Back then steps through the parts that were looked at."""
    st.query_params[state.SPAN] = span_id


@st.fragment
@connection.explained()
def _explored(run: Run) -> None:
    recursion_tree(run, on_picked=pick)
    recursion_part(run, st.query_params.get(state.SPAN))


def _heading(run: Run) -> None:
    summary = run.summary
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(state.RECURSION_PAGE, label="Recursion", icon=":material/arrow_back:")
        st.title(in_markdown(summary.model_name or summary.root_name, 80), anchor=False, width="content")
        if summary.simulated:
            st.badge(
                "simulated",
                color="orange",
                icon=":material/science:",
                help="Nothing was billed for this run.",
            )
        if summary.status == "running":
            st.badge("running", color="blue", help="Its root has not ended: what is drawn has ended.")
        st.space("stretch")
        st.page_link(
            state.TRACE_PAGE,
            label="Timeline of this run",
            icon=":material/view_timeline:",
            query_params={state.TRACE: summary.trace_id},
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(line(summary.question, 300) or "No question was recorded.", width="stretch")
        st.caption(fmt.moment(state.local(summary.started)), width="content")
        st.code(summary.trace_id, language=None, width="content")


def _figures(run: Run) -> None:
    summary, nesting = run.summary, asking.nesting(run, steps=False)
    facts = asking.node_facts(run).values()
    tokens = summary.input_tokens + summary.output_tokens
    opened = levels(nesting)
    outs = fan_outs(nesting)
    limited = [phrase for node in facts for phrase in limits_met(node)]
    with st.grid(5, min_column_width=140, gap="small"):
        figure(
            "Depth",
            fmt.count(nesting.deepest),
            "no recursion"
            if not nesting.deepest
            else _allowed(max((node.max_depth or 0 for node in facts), default=0)),
            "How many levels stand below the outermost one. A level is a composite, a recursive node, or an agent "
            "of another library with model calls below it.",
        )
        figure(
            "Levels opened",
            fmt.count(opened),
            f"at most {fmt.count(max(outs, default=0))} by one",
            "Nodes, composites and agents in this run, the outermost included.",
        )
        figure(
            "Model calls",
            fmt.count(summary.calls),
            f"{fmt.compact(tokens)} tokens",
            "Attempts that were sent to a provider, retries among them.",
        )
        figure(
            "Cost",
            fmt.run_cost(summary.cost_usd, summary.unpriced_calls, tokens),
            _cost_note(summary),
            "The sum of its calls, each by the price when it was made.",
        )
        figure(
            "Limits met",
            fmt.count(len(limited)),
            line(limited[0], 40) if limited else "none",
            "Nodes and requests that ran out of turns, calls, money or time, or might not go deeper.",
        )


def _cost_note(summary: Summary) -> str:
    if summary.simulated:
        return "not billed"
    if not summary.unpriced_calls:
        return "as recorded"
    return "no price known" if summary.cost_usd is None else "lower bound"


def _allowed(deepest: int) -> str:
    return f"of at most {deepest}" if deepest else "levels below the first"
