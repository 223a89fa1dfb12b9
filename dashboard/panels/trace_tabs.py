"""The views of one trace. Only the one that is open runs; it and the span that is selected stay in the address."""

import streamlit as st

from composite_llm import conventions as c
from dashboard import queries, state
from dashboard.answers import SpanDetail
from dashboard.palette import Palette
from dashboard.panels.beside import beside
from dashboard.panels.conversation import conversation
from dashboard.panels.inspector import inspector
from dashboard.panels.raw_span import raw_span
from dashboard.panels.recursion_tree import recursion_tree
from dashboard.panels.span_table import span_table
from dashboard.run import Run
from dashboard.widgets.timeline import timeline
from dashboard.widgets.timeline.payload import Picture, payload

TIMELINE, RECURSION, SPANS, CONVERSATION, RAW = "Timeline", "Recursion", "Spans", "Conversation", "Raw"


def trace_tabs(run: Run) -> None:
    names = [TIMELINE, *([RECURSION] if _has_depth(run) else []), SPANS, CONVERSATION, RAW]
    tabs = dict(
        zip(names, st.tabs(names, key=state.VIEW, on_change="rerun", bind="query-params"), strict=True)
    )
    view = next((name for name, tab in tabs.items() if tab.open), TIMELINE)
    selected = st.query_params.get(state.SPAN)
    known = selected if selected in run.row_of else None
    with tabs[view]:
        match view:
            case "Conversation":
                conversation(run, known, on_picked=_inspect)
            case "Raw":
                raw_span(run, _detail(run, known))
                _unknown(selected, known)
            case _:
                left, right = beside("trace", known is not None)
                with left:
                    _drawn(view, run, selected)
                with right:
                    _inspected(run, selected, known)


def _drawn(view: str, run: Run, selected: str | None) -> None:
    match view:
        case "Spans":
            span_table(run, on_picked=_pick)
        case "Recursion":
            st.page_link(
                state.RECURSION_PAGE,
                label="Limits, context and levels of this run",
                icon=":material/account_tree:",
                query_params={state.TRACE: run.summary.trace_id},
            )
            recursion_tree(run, on_picked=_pick)
        case _:
            colours = queries.model_colours()
            picture = _picture(f"{run.revision}:{colours.revision}", run, colours)
            timeline(picture, key=f"timeline-{run.summary.trace_id}", selected=selected, on_picked=_pick)


@st.cache_resource(max_entries=16, show_spinner=False)
def _picture(revision: str, _run: Run, _colours: Palette) -> Picture:
    return payload(_run.spans, _run.critical, _colours, revision, started=_run.summary.started)


def _inspected(run: Run, selected: str | None, known: str | None) -> None:
    detail = _detail(run, known)
    if detail:
        inspector(run, detail, on_picked=_pick)
    elif selected:
        _unknown(selected, known)
    else:
        st.caption(
            "Select a span to see its cost, its input and its output: click a row, or press ↓ in the timeline."
        )


def _unknown(selected: str | None, known: str | None) -> None:
    if selected and known is None:
        st.caption("This trace has no span with the id in the address.")


def _detail(run: Run, span_id: str | None) -> SpanDetail | None:
    return queries.span_detail(run.summary.trace_id, span_id) if span_id else None


def _has_depth(run: Run) -> bool:
    """A recursion, or a composite inside another one."""
    types = run.spans["span_type"].to_pylist()
    return c.RLM_NODE in types or types.count(c.REQUEST) > 1


def _pick(span_id: str) -> None:
    """The address leads: Back then steps through the spans that were looked at."""
    st.query_params[state.SPAN] = span_id


def _inspect(span_id: str) -> None:
    """From the conversation to the span's figures."""
    _pick(span_id)
    st.session_state[state.VIEW] = TIMELINE
