"""From one span to those it has to do with: what is below it, other tries at the same call, what it read."""

from collections.abc import Callable, Iterator, Sequence

import streamlit as st

from composite_llm import conventions as c
from dashboard import fmt, state
from dashboard.answers import SpanDetail
from dashboard.conversation.found import parsed
from dashboard.plain import in_markdown, line
from dashboard.run import Run

MOST = 12
ELSEWHERE = {
    c.BASELINE: "The plain call beside this run",
    c.REPEATS: "The call whose answer is used again",
}


def related_spans(run: Run, span: SpanDetail, *, on_picked: Callable[[str], None]) -> None:
    _row("Below it", run, span, run.children(span.span_id), on_picked)
    _row("Tries at this call", run, span, run.attempts(span.span_id), on_picked)
    links = list(_links(span))
    read = [run.row_of[span_id] for trace_id, span_id, _ in links if _is_here(run, trace_id, span_id)]
    _row("Linked: what it read", run, span, read, on_picked)
    for trace_id, span_id, kind in links:
        if not _is_here(run, trace_id, span_id):
            st.page_link(
                state.TRACE_PAGE,
                label=f"{ELSEWHERE.get(kind, 'Linked span in another run')}: {trace_id[:12]}…",
                icon=":material/open_in_new:",
                query_params={state.TRACE: trace_id, state.SPAN: span_id},
            )


def _row(
    label: str, run: Run, span: SpanDetail, rows: Sequence[int], on_picked: Callable[[str], None]
) -> None:
    if not rows:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(label, width="content")
        for row in rows[:MOST]:
            span_id = run.spans["span_id"][row].as_py()
            st.button(
                in_markdown(_called(run, row), 60),
                key=f"{label}-{span.span_id}-{span_id}",
                type="tertiary",
                disabled=span_id == span.span_id,
                on_click=on_picked,
                args=(span_id,),
            )
        if len(rows) > MOST:
            st.caption(f"and {fmt.count(len(rows) - MOST)} more, in the Spans tab", width="content")


def _called(run: Run, row: int) -> str:
    name, attempt = run.names[row], run.spans["attempt"][row].as_py()
    return f"{line(name, 40)}, try {attempt}" if attempt and attempt > 1 else line(name, 40)


def _links(span: SpanDetail) -> Iterator[tuple[str, str, str]]:
    """Trace, span and kind of each link, without those that are none."""
    told = parsed(span.links)
    for link in told if isinstance(told, list) else ():
        if isinstance(link, dict):
            ids = link.get("trace_id"), link.get("span_id")
            attributes = link.get("attributes")
            kind = attributes.get(c.LINK_TYPE) if isinstance(attributes, dict) else ""
            if all(isinstance(each, str) and each for each in ids):
                yield str(ids[0]), str(ids[1]), str(kind)


def _is_here(run: Run, trace_id: str, span_id: str) -> bool:
    return trace_id == run.summary.trace_id and span_id in run.row_of
