"""The part of a recursion that is picked: how it ended, what it was given, and what of it it used."""

import streamlit as st

from dashboard import fmt, state
from dashboard.answers.recursion import NodeFacts
from dashboard.plain import in_markdown
from dashboard.recursion import asking
from dashboard.recursion.budgets import Budget, budgets, percent
from dashboard.recursion.limits import limits_met
from dashboard.recursion.naming import part_names
from dashboard.recursion.nesting import Nesting
from dashboard.run import Run
from dashboard.widgets.icicle.payload import cost

ENDED = {
    "answer": "with an answer",
    "submit": "with an answer, by SUBMIT",
    "final": "with an answer, by a FINAL tag",
    "final_var": "with an answer, by a FINAL_VAR tag",
    "said": "with an answer, in words",
    "iterations": "out of turns",
    "calls": "out of sub-calls",
    "budget": "out of budget",
    "timeout": "out of time",
    "cancelled": "cancelled",
    "error": "with an error",
    "complete": "complete",
}


def recursion_part(run: Run, span_id: str | None) -> None:
    if span_id not in run.row_of:
        st.caption(
            "This trace has no span with the id in the address."
            if span_id
            else "Select a part, in the icicle or in the table, to see what it was given and what it used."
        )
        return
    nesting = asking.nesting(run, steps=True)
    place = nesting.place_of.get(run.row_of[span_id])
    with st.container(border=True):
        _title(run, nesting, place, span_id)
        if place is None:
            st.caption("No model call stands below this span.")
            return
        part, facts = nesting.parts[place], asking.node_facts(run).get(span_id)
        wall_ms = run.spans["duration_ms"][part.row].as_py()
        _figures(nesting, place, wall_ms)
        if facts is None:
            return
        _ending(facts)
        for budget in budgets(facts, part.total, wall_ms):
            _bar(budget)


def _title(run: Run, nesting: Nesting, place: int | None, span_id: str) -> None:
    row = run.row_of[span_id]
    name = run.names[row] if place is None else part_names(run, nesting, asking.node_facts(run))[place]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(in_markdown(name, 80), anchor=False, width="content")
        model = run.spans["model"][row].as_py()
        if model and run.spans["is_llm_call"][row].as_py():
            st.badge(in_markdown(model, 60), color="gray")
        st.space("stretch")
        st.page_link(
            state.TRACE_PAGE,
            label="Open in the timeline",
            icon=":material/view_timeline:",
            query_params={state.TRACE: run.summary.trace_id, state.SPAN: span_id},
        )
    error, message = (run.spans[name][row].as_py() for name in ("error_type", "status_message"))
    if run.spans["status"][row].as_py() == "error":
        st.error(in_markdown(error or "error"), icon=":material/error:")
        if message:
            st.code(message, language=None, wrap_lines=True)


def _figures(nesting: Nesting, place: int, wall_ms: float) -> None:
    part = nesting.parts[place]
    figures = {
        "Duration": fmt.duration(wall_ms),
        "Work in it": fmt.duration(part.total.ms),
        "Cost": cost(part.total),
        "Calls": fmt.count(part.total.calls),
        "Tokens": fmt.count(part.total.tokens),
        "Depth": fmt.count(part.depth),
        "Errors in it": fmt.count(part.total.errors),
    }
    with st.grid(7, min_column_width=92, gap="small"):
        for label, value in figures.items():
            st.metric(label, value)


def _ending(facts: NodeFacts) -> None:
    """In a sentence or two."""
    how = facts.termination or facts.stop_reason
    ended = f"Ended {ENDED.get(how, in_markdown(how, 40))}" if how else "Its end is not known"
    turns = f" after {fmt.plural(facts.iterations, 'turn')}" if facts.iterations is not None else ""
    asked = f"Its code made {fmt.plural(facts.sub_calls, 'sub-call')}" if facts.sub_calls is not None else ""
    if asked and facts.sub_call_errors:
        asked += f", of which {facts.sub_call_errors:,} failed"
    held = facts.budget_shortened
    held_short = (
        f"To keep to the budget, {fmt.plural(held, 'call')} had to keep the answer short" if held else ""
    )
    said = [
        ended + turns,
        asked,
        _text(facts),
        held_short,
        *(phrase.capitalize() for phrase in limits_met(facts)),
    ]
    st.caption(". ".join(each for each in said if each) + ".")


def _text(facts: NodeFacts) -> str:
    if facts.context_chars is None:
        return ""
    place = ""
    if facts.rlm_depth and facts.context_start is not None and facts.context_end is not None:
        place = f", characters {facts.context_start:,} to {facts.context_end:,} of the root's"
    elif facts.rlm_depth:
        place = ", which does not stand in the root's"
    return f"Its text has {facts.context_chars:,} characters{place}"


def _bar(budget: Budget) -> None:
    used = "unknown" if budget.used is None else budget.used_text
    share = "" if budget.share is None else f" ({percent(budget)})"
    told = f"{budget.kind.capitalize()}: {used} of {budget.given_text} used{share}"
    st.progress(min(1.0, budget.share or 0.0), text=in_markdown(told))
