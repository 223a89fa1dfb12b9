"""Which spans the table of a trace shows, and in which order. In the address, like all filters."""

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from dashboard import state
from dashboard.plain import line
from dashboard.run import Run

ANY = "Tree"
SORTS = {
    ANY: None,
    "Duration": "duration_ms",
    "Own time": "self_ms",
    "Cost": None,
    "Own cost": "cost_usd",
    "Input tokens": "input_tokens",
    "Output tokens": "output_tokens",
}
ALL_ROLES, ALL_MODELS = "Any role", "Any model"


@dataclass(frozen=True, slots=True)
class SpanFilter:
    text: str = ""
    role: str = ""
    model: str = ""
    errors_only: bool = False
    sort: str = ANY


def span_filters(run: Run) -> SpanFilter:
    """Names and models come from traces: as options they are plain text, cut to a line."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Find",
            key=state.SPAN_TEXT,
            bind="query-params",
            type="search",
            placeholder="Name, model, role, error or id",
            icon=":material/search:",
            width=200,
        )
        role = st.selectbox(
            "Role", [ALL_ROLES, *_distinct(run, "role")], key=state.SPAN_ROLE, bind="query-params", width=130
        )
        model = st.selectbox(
            "Model",
            [ALL_MODELS, *_distinct(run, "model")],
            key=state.SPAN_MODEL,
            bind="query-params",
            width=160,
        )
        sort = st.selectbox(
            "Order",
            list(SORTS),
            key=state.SPAN_ORDER,
            bind="query-params",
            width=130,
            help="Over all spans, the greatest first; a click on a column's head sorts the rows of a page.",
        )
        errors_only = st.toggle("Errors only", key=state.SPAN_ERRORS, bind="query-params")
    return SpanFilter(
        text=(text or "").strip().lower(),
        role="" if role in (None, ALL_ROLES) else role,
        model="" if model in (None, ALL_MODELS) else model,
        errors_only=errors_only,
        sort=sort or ANY,
    )


def matching(run: Run, asked: SpanFilter) -> list[int]:
    """The rows that pass, in the order asked for."""
    rows = list(_passing(run, asked))
    if asked.sort == ANY:
        return rows
    column = SORTS.get(asked.sort)
    values = run.spans[column].to_pylist() if column else run.total_costs
    return sorted(rows, key=lambda row: (values[row] is None, -(values[row] or 0.0), row))


def _passing(run: Run, asked: SpanFilter) -> Iterator[int]:
    wanted = ("span_id", "role", "model", "status", "name", "error_type", "status_message")
    columns = {name: run.spans[name].to_pylist() for name in wanted}
    for row, called in enumerate(run.names):
        said = (called, *(columns[name][row] for name in wanted if name != "status"))
        if (
            (not asked.errors_only or columns["status"][row] == "error")
            and (not asked.role or _option(columns["role"][row]) == asked.role)
            and (not asked.model or _option(columns["model"][row]) == asked.model)
            and (not asked.text or any(asked.text in (each or "").lower() for each in said))
        ):
            yield row


def _distinct(run: Run, column: str) -> list[str]:
    return sorted({_option(value) for value in run.spans[column].unique().to_pylist() if value})


def _option(value: str | None) -> str:
    return line(value, 80)
