"""The Recursion page without a run: the newest runs that nest, together."""

from dataclasses import replace

import streamlit as st

from dashboard import fmt, state
from dashboard.answers.recursion import NestedRun, RunDepth
from dashboard.panels.figure import figure
from dashboard.panels.notices import simulated_among
from dashboard.panels.recursion_depths import recursion_depths
from dashboard.panels.recursion_repeats import asked_again, recursion_repeats
from dashboard.panels.recursion_runaways import many_calls, reasons, recursion_runaways
from dashboard.recursion import asking
from dashboard.recursion.across import Depth, by_depth, runaways
from dashboard.recursion.repeats import Place


def recursion_runs(filters: state.Filters) -> None:
    runs, rows = asking.nested_runs(filters), asking.run_depths(filters)
    nesting = {row.trace_id for row in rows}
    nested = [run for run in runs if run.trace_id in nesting]
    if not nested:
        _nothing(runs)
        return
    _bounds(runs)
    simulated_among(sum(run.simulated for run in nested), len(nested))
    depths = by_depth(rows)
    listed = runaways(nested, rows, many_calls())
    about = _about(filters)
    again = asked_again(about)
    _figures(nested, rows, depths, sum(bool(reasons(each, again)) for each in listed))
    recursion_depths(depths, filters)
    recursion_runaways(listed, again, filters)
    recursion_repeats([Place(run.trace_id, run.start_ns, run.end_ns) for run in nested], about)


def _about(filters: state.Filters) -> object:
    """What of the filters stays the same while time passes."""
    length = filters.until_ns - filters.since_ns if filters.since_ns else 0
    return length, replace(filters, since_ns=0, until_ns=0)


def _nothing(runs: list[NestedRun]) -> None:
    with st.container(border=True):
        st.subheader("No run nests here", anchor=False)
        st.write(
            "In this window, with these filters, no run holds a recursive node, a composite inside a composite, or an "
            "agent inside another."
        )
        if runs and runs[0].matching > len(runs):
            _bounds(runs)
        st.write("A long text makes a recursive run; without API keys the offline simulator answers:")
        st.code('composite-llm ask --profile long-context "What changed? $(cat report.txt)"', language="bash")


def _bounds(runs: list[NestedRun]) -> None:
    if left_out := runs[0].matching - len(runs):
        st.caption(
            f"The newest {fmt.plural(len(runs), 'run')} that may nest are looked at, with at most "
            f"{asking.MOST_SPANS:,} spans together; {left_out:,} more of this window "
            f"{'is' if left_out == 1 else 'are'} left out. A shorter window shows them."
        )


def _figures(nested: list[NestedRun], rows: list[RunDepth], depths: list[Depth], ran_away: int) -> None:
    known = sum(each.known_usd or 0.0 for each in depths)
    deeper = sum(each.known_usd or 0.0 for each in depths if each.depth)
    unpriced = sum(each.unpriced_calls for each in depths)
    nothing_known = all(each.known_usd is None for each in depths)
    recursed = {row.trace_id for row in rows if row.depth}
    with st.grid(4, min_column_width=160, gap="small"):
        figure(
            "Runs that nest",
            fmt.count(len(recursed)),
            f"of {fmt.count(len(nested))} that could" if len(nested) != len(recursed) else "all that could",
            "With at least one level below the outermost. A recursive run may do without.",
        )
        figure(
            "Deepest",
            fmt.count(depths[-1].depth),
            f"in {fmt.plural(depths[-1].runs, 'run')}",
            "Levels below the outermost one: composites, recursive nodes, agents of other libraries.",
        )
        figure(
            "Spend below the first level",
            fmt.money(None if nothing_known else deeper, lower_bound=unpriced > 0),
            f"{fmt.share(deeper, known)} of their known cost" if known else "no cost known",
            "What the calls at depth 1 and deeper cost, in all of these runs.",
        )
        figure(
            "Runaways",
            fmt.count(ran_away),
            f"of {fmt.plural(len(nested), 'run')}",
            "Runs that met a limit, made too many calls, or gave two nodes the same text. They are listed below.",
        )
