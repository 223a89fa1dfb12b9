"""The parts of a run as an indented table. Ordering it orders what stands side by side, so it stays a tree."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.plain import line
from dashboard.recursion import asking, budgets
from dashboard.recursion.limits import limits_met
from dashboard.recursion.naming import part_names
from dashboard.recursion.nesting import Nesting
from dashboard.recursion.ordering import ordered
from dashboard.run import Run
from dashboard.widgets.icicle.payload import cost

INDENT = "\u2003"
DEEPEST_INDENT = 12
ALWAYS = ("#", "Part")
RIGHT = ("Cost", "Share", "Calls", "Errors", "Tokens", "Depth", "Own cost")
WIDTHS = {"#": 40, "Part": 190, "Cost": 82, "Share": 58, "Calls": 50, "Errors": 54, "Tokens": 64, "Depth": 54}
MOST_ROWS = 14
ROW_HEIGHT = 33


def recursion_table(
    run: Run, nesting: Nesting, by: str, order: str, *, on_picked: Callable[[str], None]
) -> None:
    frame, shown = _rows(f"{run.revision}:{len(nesting.parts)}", by, order, run, nesting)
    st.dataframe(
        frame,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(shown), MOST_ROWS) + 1) + 3,
        key="recursion_table",
        # With columns to select, no click on a head orders the rows, which would tear the tree apart.
        selection_mode=["single-row", "single-column", "single-cell"],
        on_select=lambda: _pick(shown, on_picked),
        column_config={
            **{
                name: st.column_config.Column(width=width, alignment="right" if name in RIGHT else "left")
                for name, width in WIDTHS.items()
            },
            "Work": st.column_config.Column(alignment="right", help="Time of its spans, added up."),
            "Tightest": st.column_config.Column(
                "Budget",
                width=66,
                alignment="right",
                help="The share of the limit of which the most was used, by it and all below it.",
            ),
            "Used": st.column_config.Column(
                "Budget used",
                width=320,
                help="Of the money, the calls and the time that were left when it began, by it and all below it; "
                "of a request, of its limits.",
            ),
            "Met": st.column_config.Column("Limits met", width=120),
        },
        placeholder="",
        alt="The parts of the run in tree order, indented by what they stand in. Select a row to inspect it.",
    )


# Ten thousand rows take a second to write, and hold for as long as the run has no more spans.
@st.cache_resource(max_entries=16, show_spinner=False)
def _rows(revision: str, by: str, order: str, _run: Run, _nesting: Nesting) -> tuple[pd.DataFrame, list[str]]:
    """The table, without columns that hold nothing; and the span of each row, empty for the whole run."""
    places = ordered(_nesting, by, order)
    cells = _cells(_run, _nesting, places)
    filled = [name for name in cells[0] if name in ALWAYS or any(row[name] for row in cells)]
    ids = [*_run.spans["span_id"].to_pylist(), ""]  # the last one for the whole run, which has no span
    return pd.DataFrame(cells, columns=filled), [ids[_nesting.parts[place].row] for place in places]


def _cells(run: Run, nesting: Nesting, places: Sequence[int]) -> list[dict[str, object]]:
    facts, names = asking.node_facts(run), part_names(run, nesting, asking.node_facts(run))
    ids, models = run.spans["span_id"].to_pylist(), run.spans["model"].to_pylist()
    walls = run.spans["duration_ms"].to_pylist()
    whole = nesting.parts[0].total
    rows: list[dict[str, object]] = []
    for place in places:
        part = nesting.parts[place]
        node = facts.get(ids[part.row]) if part.row >= 0 else None
        limits = budgets.budgets(node, part.total, walls[part.row]) if node else []
        rows.append(
            {
                "#": place + 1,
                "Part": INDENT * min(part.indent, DEEPEST_INDENT) + line(names[place], 80),
                "Cost": cost(part.total),
                "Share": fmt.share(part.total.known_usd, whole.known_usd) if part.total.priced else "",
                "Calls": "" if part.is_call else fmt.count(part.total.calls),
                "Errors": fmt.count(part.total.errors) if part.total.errors else "",
                "Met": "; ".join(limits_met(node)) if node else "",
                "Tightest": budgets.tightest(limits),
                "Used": budgets.used(limits),
                "Tokens": fmt.compact(part.total.tokens) if part.total.tokens else "",
                "Work": fmt.duration(part.total.ms),
                "Depth": fmt.count(part.depth),
                "Own cost": "" if part.is_call or not part.own.priced else cost(part.own),
                "Model": line(models[part.row], 60) if part.is_call else "",
            }
        )
    return rows


def _pick(ids: Sequence[str], on_picked: Callable[[str], None]) -> None:
    selection = st.session_state["recursion_table"].selection
    rows: list[int] = selection.rows or [row for row, _ in selection.cells]
    span_id = ids[rows[0]] if rows and rows[0] < len(ids) else ""
    if span_id:
        on_picked(span_id)
