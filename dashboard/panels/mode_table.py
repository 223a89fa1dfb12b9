"""The list of modes: a row opens one."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from composite_llm.planning.told import Catalogue, Mode
from dashboard import estimates, fmt, state
from dashboard.answers import ModeTotals, Totals
from dashboard.catalogue import KINDS
from dashboard.plain import line

ROW_HEIGHT = 36
PROFILES, STRATEGIES = "mode_profiles", "mode_strategies"
SHORT_KINDS = {**KINDS, "own": "yours", "bundled": "bundled", "broken": "broken", "gone": "not here"}
TEXTS = {"Mode": 128, "Kind": 68, "What it does": 150, "Calls": 64}
FIGURES = {"Typical cost": 124, "Runs": 46, "Cost / run": 76, "p50": 54, "p95": 54, "Errors": 54}
ALL = {**TEXTS, **FIGURES}
"""Widths for a window of 1280 pixels."""


def mode_tables(catalogue: Catalogue | None, recorded: Mapping[str, ModeTotals]) -> None:
    """Profiles, and strategies, which have no cost of their own: that is up to the models they are called with."""
    modes = _listed(catalogue, recorded)
    if profiles := [mode for mode in modes if mode.kind != "strategy"]:
        st.subheader("Profiles" if catalogue else "Recorded", anchor=False)
        all_bundled = all(mode.kind == "bundled" for mode in profiles)
        _table(PROFILES, profiles, recorded, _widths(Kind="What it does") if all_bundled else ALL)
    if strategies := [mode for mode in modes if mode.kind == "strategy"]:
        st.subheader("Strategies", anchor=False)
        _table(STRATEGIES, strategies, recorded, _widths(**{"Kind": "Calls", "Typical cost": "What it does"}))


def _widths(**given_up: str) -> dict[str, int]:
    """Without some columns, whose room goes to others."""
    widths = dict(ALL)
    for name, other in given_up.items():
        widths[other] += widths.pop(name)
    return widths


def _table(
    key: str, modes: Sequence[Mode], recorded: Mapping[str, ModeTotals], widths: Mapping[str, int]
) -> None:
    column = st.column_config
    names = [mode.name for mode in modes]
    st.dataframe(
        pd.DataFrame([_cells(mode, recorded.get(mode.name)) for mode in modes]),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (len(modes) + 1) + 3,
        key=key,
        on_select=lambda: _open(key, names),
        selection_mode=["single-row", "single-cell"],
        column_order=list(widths),
        column_config={
            name: column.Column(
                width=width, alignment="right" if name in FIGURES else "left", help=HELP.get(name)
            )
            for name, width in widths.items()
        },
        placeholder="",
        alt="Table of modes with what they take and what their runs came to. Select a row to open the mode.",
    )


HELP = {
    "Calls": "Of a typical request: the fewest and the most.",
    "Errors": "The share of runs in which something failed.",
    "Cost / run": "The mean of what was recorded.",
}


def _listed(catalogue: Catalogue | None, recorded: Mapping[str, ModeTotals]) -> list[Mode]:
    """All that can be run, and whatever else has runs: before the catalogue is read that is all there is."""
    known = list(catalogue.modes) if catalogue else []
    names = {mode.name for mode in known}
    kind = "gone" if catalogue else ""
    # Own ones first; after them, and among them, those that ran, the dearest first.
    order = {name: place for place, name in enumerate(recorded)}
    known.sort(key=lambda mode: (mode.kind == "bundled", order.get(mode.name, len(order))))
    return [*known, *(Mode(name, kind) for name in recorded if name not in names)]


def _cells(mode: Mode, runs: ModeTotals | None) -> dict[str, object]:
    return {
        "Mode": line(mode.name, 80),
        "Kind": SHORT_KINDS.get(mode.kind, ""),
        "What it does": line(mode.description or "; ".join(mode.problems), 300),
        "Calls": calls(mode),
        "Typical cost": typical_cost(mode),
        "Runs": fmt.count(runs.runs) if runs else "",
        "Cost / run": cost_per_run(runs) if runs else "",
        "p50": fmt.duration(runs.p50_latency_ms) if runs else "",
        "p95": fmt.duration(runs.p95_latency_ms) if runs else "",
        "Errors": fmt.share(runs.runs_with_errors, runs.runs) if runs else "",
    }


def origin(runs: ModeTotals | Totals) -> str:
    if not runs.simulated_runs:
        return "real"
    return "simulated" if runs.simulated_runs == runs.runs else "both"


def calls(mode: Mode) -> str:
    if mode.kind in ("broken", "gone", ""):
        return ""
    return mode.calls or estimates.calls(mode.estimate)


def typical_cost(mode: Mode) -> str:
    """A strategy's depends on the models it is called with."""
    return estimates.cost(mode.estimate) if mode.kind in ("own", "bundled") else ""


def cost_per_run(runs: ModeTotals | Totals) -> str:
    known = None if runs.nothing_priced else runs.cost_per_run_usd
    return fmt.money(known, lower_bound=runs.unpriced_calls > 0)


def _open(key: str, names: Sequence[str]) -> None:
    selection = st.session_state[key].selection
    rows = selection.rows or [row for row, _ in selection.cells]
    if rows:
        st.query_params[state.MODE] = names[rows[0]]
