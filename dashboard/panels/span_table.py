"""Every span of a trace as a plain table: the same facts as the timeline, for keyboards and screen readers."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style_render import StylerRenderer

from dashboard import fmt
from dashboard.naming import columns_of, span_marks
from dashboard.panels.span_filters import ANY, SpanFilter, matching, span_filters
from dashboard.plain import in_markdown
from dashboard.run import Run
from dashboard.span_export import spans_csv

INDENT = "\u2003"
DEEPEST_INDENT = 12
MOST = 500
"""Rows of a page; more are not read, and the browser takes seconds for them."""
RIGHT = ("Start", "Duration", "Own time", "Cost", "Own cost", "Input", "Cached", "Output", "Reasoning")
TIMES = ["Start", "Duration", "Own time"]
COSTS = ["Cost", "Own cost"]
TOKENS = {
    "Input": "input_tokens",
    "Cached": "cached_tokens",
    "Output": "output_tokens",
    "Reasoning": "reasoning_tokens",
}
ALWAYS = ("Input", "Output")


def span_table(run: Run, *, on_picked: Callable[[str], None]) -> None:
    asked = span_filters(run)
    rows = matching(run, asked)
    if not rows:
        st.caption("No span of this trace passes these filters.")
        return
    pages = -(-len(rows) // MOST)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(in_markdown(_said(run, rows, asked), 300), width="content")
        page = st.pagination(pages, key="span_page") if pages > 1 else 1
        st.download_button(
            "CSV",
            lambda: spans_csv(run, rows),
            file_name=f"spans-{run.summary.trace_id[:12]}.csv",
            mime="text/csv",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            help="The spans that pass the filters, every number as it is stored.",
        )
    shown = rows[(page - 1) * MOST : page * MOST]
    indented = asked.sort == SpanFilter().sort
    frame = _frame(run, shown, indented=indented)
    tokens = [label for label in TOKENS if label in frame]
    st.dataframe(
        _costs_said(run, shown, frame.style)
        .format(fmt.duration, subset=TIMES)
        .format(_tokens, subset=tokens),
        hide_index=True,
        key="span_table",
        selection_mode=["single-row", "single-cell"],
        on_select=lambda: _pick(run, shown, on_picked),
        column_config=dict.fromkeys(RIGHT, st.column_config.Column(alignment="right"))
        | {
            "Span": st.column_config.TextColumn(pinned=True),
            "Own time": st.column_config.Column(
                alignment="right", help="Time in which nothing below the span was under way."
            ),
            "Cost": st.column_config.Column(
                alignment="right", help="With everything under it, as far as prices are known."
            ),
            "Own cost": st.column_config.Column(alignment="right", help="Of the call itself."),
        },
        placeholder="",
        alt="Table of the spans of this trace. Select a row to inspect the span.",
    )


def _frame(run: Run, rows: Sequence[int], *, indented: bool) -> pd.DataFrame:
    spans = run.spans.take(list(rows))
    marks = span_marks(spans)
    own = [
        usd if how == "priced" else None
        for usd, how in zip(spans["cost_usd"].to_pylist(), spans["billing"].to_pylist(), strict=True)
    ]
    depths = spans["depth"].to_pylist() if indented else [0] * len(rows)
    columns: dict[str, Any] = {
        "Span": [
            INDENT * min(depth, DEEPEST_INDENT) + run.names[row]
            for depth, row in zip(depths, rows, strict=True)
        ],
        "Model": spans["model"].to_pylist(),
        "Note": marks,
        "Start": spans["start_ms"].to_pylist(),
        "Duration": spans["duration_ms"].to_pylist(),
        "Own time": spans["self_ms"].to_pylist(),
        "Cost": _floats([run.total_costs[row] for row in rows]),
        "Own cost": _floats(own),
    }
    for label, column in TOKENS.items():
        values = spans[column].to_pylist()
        if label in ALWAYS or any(values):
            columns[label] = _floats(values)
    columns["Error"] = spans["error_type"].to_pylist()
    return pd.DataFrame(columns)


def _costs_said(run: Run, rows: Sequence[int], styled: StylerRenderer) -> StylerRenderer:
    """Costs stay numbers, so that the table sorts by them, and are written as everywhere: `≥ $x`, `unknown`."""
    wanted = ("billing", "is_llm_call")
    billed = list(columns_of(run.spans.take(list(rows)), *wanted))
    own = [fmt.UNKNOWN if how == "unpriced" and call else "" for how, call in billed]
    styled = styled.format(_money, subset=COSTS)
    for column, texts in (("Cost", [run.cost_texts[row] for row in rows]), ("Own cost", own)):
        places: dict[str, list[int]] = defaultdict(list)
        for place, text in enumerate(texts):
            if text and not text.startswith("$"):
                places[text].append(place)
        for text, held in places.items():
            styled = styled.format(_always(text), subset=pd.IndexSlice[held, [column]], na_rep=text)
    return styled


def _always(text: str) -> Callable[[float], str]:
    return lambda _: text


def _floats(values: Sequence[float | None]) -> pd.Series:
    """Numbers stay numbers, so that the table sorts by them; what is not known is no number."""
    return pd.Series([float("nan") if value is None else float(value) for value in values], dtype=float)


def _money(usd: float) -> str:
    return "" if pd.isna(usd) else fmt.money(usd)


def _tokens(tokens: float) -> str:
    return "" if pd.isna(tokens) else fmt.count(int(tokens))


def _said(run: Run, rows: Sequence[int], asked: SpanFilter) -> str:
    """How many, and what they cost: the figure above the table that its rows add up to."""
    spans = run.spans
    priced = [spans["cost_usd"][row].as_py() for row in rows if spans["billing"][row].as_py() == "priced"]
    unpriced = sum(
        spans["billing"][row].as_py() == "unpriced" and spans["is_llm_call"][row].as_py() for row in rows
    )
    of_all = "" if len(rows) == spans.num_rows else f" of {spans.num_rows:,}"
    cost = fmt.money(sum(priced), lower_bound=unpriced > 0) if priced else ""
    calls = f", {fmt.plural(len(priced), 'priced call')} for {cost}" if cost else ""
    missing = f", {unpriced:,} without a price" if unpriced else ""
    ordered = "in the order of the tree" if asked.sort == ANY else f"by {asked.sort.lower()}"
    return f"{len(rows):,}{of_all} spans{calls}{missing}, {ordered}. Select a row to inspect it."


def _pick(run: Run, shown: Sequence[int], on_picked: Callable[[str], None]) -> None:
    selection = st.session_state["span_table"].selection
    rows = selection.rows or [row for row, _ in selection.cells]
    if rows and rows[0] < len(shown):
        on_picked(run.spans["span_id"][shown[rows[0]]].as_py())
