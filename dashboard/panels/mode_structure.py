"""What an average run of a mode is made of: in two sentences, drawn, and as a table."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import fmt, queries
from dashboard.answers.modes import Place
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.modes.average_run import (
    Row,
    cost_text,
    dearest_role,
    longest_waited,
    place_of,
    rows_of,
)
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import in_markdown, line
from dashboard.widgets.structure import structure


def mode_structure(
    runs: ModeRuns, *, title: str = "The average run", longest_ms: float | None = None
) -> None:
    places = asking.structure(runs)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(title, anchor=False, width="content")
            st.space("stretch")
            open_in_sql("newest_runs", **asking.newest_parameters(runs))
        if not places:
            st.caption("Each of its runs has too many spans to be laid over the others here.")
            return
        rows = rows_of(places)
        _looked_at(places[0])
        _in_words(rows)
        models = sorted({row.model for row in rows if row.model})
        structure(
            rows,
            key=f"structure-{runs.name}",
            summary=f"The average run of {line(runs.name, 80)} as a tree of stages, roles and models. "
            "The table under it has the same rows.",
            colours=queries.model_colours().side_by_side(models),
            longest_ms=longest_ms,
        )
        with st.expander("As a table", icon=":material/table:"):
            _table(rows)


def _looked_at(top: Place) -> None:
    few = top.runs < top.matching
    which = (
        f"The newest {top.runs:,} of {fmt.plural(top.matching, 'run')}"
        if few
        else fmt.plural(top.runs, "run")
    )
    st.caption(
        f"{which}, laid over each other: spans are at one place where they and all above them are called the same.",
        help="At most 500 runs with 20,000 spans together are looked at. A shorter window shows older ones.",
    )


def _in_words(rows: Sequence[Row]) -> None:
    dearest, slowest = dearest_role(rows), longest_waited(rows)
    said = []
    if dearest:
        bound = ", as far as prices are known" if dearest.is_lower_bound or rows[0].is_lower_bound else ""
        said.append(
            f"Most of the money goes to the **{in_markdown(place_of(dearest, rows), 120)}**: "
            f"{_money(cost_text(dearest))} of {_money(cost_text(rows[0]))} a run "
            f"({fmt.share(dearest.cost_share or 0, 1)}{bound})."
        )
    if slowest:
        said.append(
            f"Most of the time a run waits for the **{in_markdown(place_of(slowest, rows), 120)}**: "
            f"{fmt.duration(slowest.waited_ms)} of {fmt.duration(rows[0].waited_ms)} "
            f"({fmt.share(slowest.waited_share, 1)})."
        )
    if said:
        st.markdown(" ".join(said))


def _money(text: str) -> str:
    """A dollar sign begins a formula where Markdown is read."""
    return text.replace("$", "\\$")


def _table(rows: Sequence[Row]) -> None:
    st.dataframe(
        pd.DataFrame([_cells(row) for row in rows]),
        hide_index=True,
        height="content",
        column_config={
            name: st.column_config.Column(alignment="right", help=HELP.get(name))
            for name in (
                "In runs",
                "Calls",
                "Cost",
                "Of cost",
                "Waits",
                "Of time",
                "Under way",
                "Failed",
                *TOKENS,
            )
        },
        alt="Table of the average run: a row a stage, role or model, with calls, cost, time, failures and tokens",
    )
    st.caption(
        "Amounts are those of an average run, whether the place occurs in it or not. A stage's amounts hold those of "
        "the roles in it; those of the stages, with what is outside of them, add up to the whole run's."
    )


TOKENS = ("Tokens in", "Tokens out")
HELP = {
    "In runs": "Runs in which it occurs.",
    "Waits": "Its part of the critical path: how long a run waits for it. What runs beside something slower has none.",
    "Under way": "Of the runs in which it occurs: how long at least one of its spans was under way.",
    "Failed": "Of its own spans, those that ended in an error.",
}


def _cells(row: Row) -> dict[str, object]:
    return {
        "Place": "\u2003" * row.depth + line(row.name, 80),
        "Kind": {"rlm_node": "recursion", "left_over": "", "run": ""}.get(row.kind, row.kind),
        "Model": line(row.model, 60),
        "In runs": f"{row.runs:,} of {row.of_runs:,}",
        "Calls": f"{row.calls:.2f}",
        "Cost": cost_text(row),
        "Of cost": "–" if row.cost_share is None else f"{row.cost_share:.1%}".replace("%", " %"),
        "Waits": fmt.duration(row.waited_ms),
        "Of time": f"{row.waited_share:.1%}".replace("%", " %"),
        "Under way": fmt.duration(row.length_ms) if row.length_ms else "–",
        "Failed": f"{row.failed:,} of {row.spans:,}",
        "Tokens in": fmt.count(round(row.input_tokens)),
        "Tokens out": fmt.count(round(row.output_tokens)),
    }
