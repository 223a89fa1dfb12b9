"""The list of runs: a click on a row opens its trace, a mark on the left chooses it."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import fmt, state
from dashboard.answers import Summary
from dashboard.naming import short_names
from dashboard.plain import line
from dashboard.state import Filters, Search

TABLE, SHOWN = "run_table", "shown_runs"
ROW_HEIGHT = 36
STATUSES = {"running": "running", "error": "failed"}
"""What is said of a run; that it went well goes without saying."""
WIDTHS = {
    "new": 44,
    "started": 112,
    "question": 90,
    "result": 70,
    "strategy": 72,
    "latency": 62,
    "cost_bar": 34,
    "cost": 76,
    "calls": 44,
    "tokens": 60,
    "depth": 46,
    "origin": 76,
}
ROOM = 784
"""Of a window of 1280 pixels; the question and the models share what the other columns leave."""
LEAST_FOR_MODELS = 66


def table_key(filters: Filters, asked: Search, page: int) -> str:
    """Of the rows a reader sees: marks are row numbers, so other rows are another table. Time that goes by is none."""
    what = replace(filters, since_ns=0, until_ns=0), asked, page
    return f"{TABLE}-{hashlib.sha1(repr(what).encode(), usedforsecurity=False).hexdigest()[:12]}"


def run_table(runs: Sequence[Summary], depths: Mapping[str, int], *, key: str, new: Collection[str]) -> None:
    names = short_names(model for run in runs for model in run.models)
    frame = pd.DataFrame([_cells(run, depths.get(run.trace_id), run.trace_id in new, names) for run in runs])
    styled = frame.style.format(fmt.duration, subset=["latency"]).format(fmt.compact, subset=["tokens"])
    st.session_state[SHOWN] = (key, [run.trace_id for run in runs])
    order = _order(runs, new)
    st.dataframe(
        styled,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (len(runs) + 1) + 3,
        key=key,
        on_select="rerun",
        selection_mode=["multi-row", "single-cell"],
        column_order=order,
        column_config=_columns(max((run.cost_usd or 0.0 for run in runs), default=0.0), order),
        placeholder="",
        alt="Table of runs. A click on a row opens its trace; a mark on the left chooses it.",
    )


def open_if_selected() -> None:
    """Go to the trace of the row that was clicked, before the rows are drawn anew.

    The choice is a row number, and a live list may move on before a click arrives: what counts are the ids of the
    rows as the reader saw them.
    """
    key, ids = st.session_state.get(SHOWN, ("", []))
    rows = [row for row, _ in _selection(key).get("cells", [])]
    if rows and rows[0] < len(ids):
        st.switch_page(state.TRACE_PAGE, query_params={state.TRACE: ids[rows[0]]})


def chosen(key: str) -> list[str]:
    """The ids of the runs that are marked in the table, from the top."""
    shown, ids = st.session_state.get(SHOWN, ("", []))
    rows = _selection(key).get("rows", []) if shown == key else []
    return [ids[row] for row in sorted(rows) if row < len(ids)]


def _selection(key: str) -> Mapping[str, list[Any]]:
    return st.session_state.get(key, {}).get("selection", {}) if key else {}


def _order(runs: Sequence[Summary], new: Collection[str]) -> list[str]:
    """Where all went well and nothing new came, the room is for models."""
    shown = {
        "new": any(run.trace_id in new for run in runs),
        "result": any(run.errors or run.status in STATUSES for run in runs),
        # Where all are simulated it is said above the list.
        "origin": len({run.simulated for run in runs}) > 1,
        "models": not any(run.trace_id in new for run in runs),
    }
    return [name for name in (*WIDTHS, "models") if shown.get(name, True)]


def _cells(run: Summary, depth: int | None, is_new: bool, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "new": "new" if is_new else "",
        "started": state.local(run.started),
        "question": line(run.question or run.root_name, 160),
        "result": _result(run),
        "strategy": line(run.strategy or "other", 40),
        "depth": depth,
        "origin": "simulated" if run.simulated else "real",
        "latency": run.latency_ms,
        "cost_bar": run.cost_usd,
        "cost": _cost(run),
        "calls": run.calls,
        "tokens": run.input_tokens + run.output_tokens,
        "models": line(", ".join(names.get(model, model) for model in run.models), 200),
    }


def _result(run: Summary) -> str:
    status = STATUSES.get(run.status)
    if not run.errors:
        return status or ""
    return f"{status} ({run.errors})" if status else fmt.plural(run.errors, "error")


def _cost(run: Summary) -> str:
    """Of a run that goes on, what it cost so far: at least that."""
    tokens = run.input_tokens + run.output_tokens
    if run.status == "running" and run.cost_usd:
        return fmt.money(run.cost_usd, lower_bound=True)
    return fmt.run_cost(run.cost_usd, run.unpriced_calls, tokens)


def _columns(dearest: float, order: Sequence[str]) -> dict[str, ColumnConfig]:
    column, width = st.column_config, WIDTHS
    least = LEAST_FOR_MODELS if "models" in order else 0
    left = ROOM - least - sum(width[name] for name in order if name in width)
    more = max(0, left)
    return {
        "new": column.TextColumn("", width=width["new"], help="Came since the list went live."),
        "started": column.DatetimeColumn("Started", format="D MMM HH:mm:ss", width=width["started"]),
        "question": column.TextColumn(
            "Question", width=width["question"] + (left if left < 0 else more // 2)
        ),
        "result": column.TextColumn(
            "Result",
            width=width["result"],
            help="Errors in runs that still gave an answer; failed or running, and in brackets how many spans failed in it.",
        ),
        "strategy": column.TextColumn("Strategy", width=width["strategy"]),
        "latency": column.Column("Latency", alignment="right", width=width["latency"]),
        "cost_bar": column.ProgressColumn(
            "", format=" ", min_value=0, max_value=dearest or 1.0, width=width["cost_bar"] + more // 4
        ),
        "cost": column.Column("Cost", alignment="right", width=width["cost"]),
        "calls": column.NumberColumn("Calls", width=width["calls"]),
        "tokens": column.Column("Tokens", alignment="right", width=width["tokens"]),
        "depth": column.NumberColumn(
            "Depth", width=width["depth"], help="Levels of spans, one below the other."
        ),
        "origin": column.TextColumn("Origin", width=width["origin"]),
        "models": column.TextColumn("Models", width=LEAST_FOR_MODELS + more // 4),
    }
