"""What the pages of modes ask the collector, kept for as long as the window of a page stays the same."""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import streamlit as st

from composite_llm import settings
from dashboard import connection
from dashboard.answers import BucketTotals, Summary, Totals, row_of, rows_of
from dashboard.answers.modes import Bar, Measure, Place, RunError, Score
from dashboard.state import Buckets, Filters

FRESH = "15s"
MOST_RUNS = 500
"""Looked at span by span; they have at most 20,000 spans together, which the collector sees to."""


@dataclass(frozen=True, slots=True)
class ModeRuns:
    """The runs of a window that asked for a mode by its name, or all that were run by a strategy, profiles' too."""

    filters: Filters
    name: str
    whole_strategy: bool = False

    def parameters(self) -> dict[str, Any]:
        own = (
            {"mode": "", "strategies": [self.name]}
            if self.whole_strategy
            else {"mode": self.name, "strategies": list(self.filters.strategies)}
        )
        return self.filters.parameters() | own


def totals(runs: ModeRuns) -> Totals:
    return row_of(Totals, _ask("totals", runs.parameters()))


def over_time(runs: ModeRuns, buckets: Buckets) -> list[BucketTotals]:
    return rows_of(BucketTotals, _ask("totals_over_time", over_time_parameters(runs, buckets)))


def over_time_parameters(runs: ModeRuns, buckets: Buckets) -> dict[str, Any]:
    shown = {"since_ns": buckets.since_ns, "until_ns": buckets.until_ns}
    return runs.parameters() | shown | {"bucket_seconds": buckets.seconds, "zone": buckets.zone}


def measures(runs: ModeRuns) -> dict[str, Measure]:
    return {row.measure: row for row in rows_of(Measure, _ask("run_measures", runs.parameters()))}


def histograms(runs: ModeRuns) -> dict[str, list[Bar]]:
    found: dict[str, list[Bar]] = {}
    for bar in rows_of(Bar, _ask("run_histograms", runs.parameters())):
        found.setdefault(bar.measure, []).append(bar)
    return found


def structure(runs: ModeRuns) -> list[Place]:
    """In depth-first order, the first for the runs as a whole; none where there are no runs."""
    return rows_of(Place, _ask("mode_structure", newest_parameters(runs)))


def newest_parameters(runs: ModeRuns) -> dict[str, Any]:
    return runs.parameters() | {"most_runs": MOST_RUNS}


def scores(runs: ModeRuns) -> dict[str, Score]:
    """By name, of the newest runs, the most used first."""
    return {row.name: row for row in rows_of(Score, _ask("mode_scores", newest_parameters(runs)))}


def errors(runs: ModeRuns) -> list[RunError]:
    """Of the newest runs, the most frequent first."""
    newest = _ask("newest_runs", newest_parameters(runs))
    if not newest.num_rows:
        return []
    places = newest.select(["trace_id", "start_ns", "end_ns"]).to_pydict()
    asked = {
        "trace_ids": places["trace_id"],
        "first_ns": min(places["start_ns"]),
        "last_ns": max(places["end_ns"]),
    }
    return rows_of(RunError, _ask("run_errors", asked))


def some_runs(
    runs: ModeRuns, *, sort: str = "newest", errors_only: bool = False, most: int = 5
) -> list[Summary]:
    """Single runs: `sort` as the list of runs names it."""
    page = {"sort": sort, "errors_only": errors_only, "page_size": most, "page_offset": 0}
    return rows_of(Summary, _ask("traces", runs.parameters() | page))


def _ask(question: str, parameters: dict[str, Any]) -> pa.Table:
    return _answer(settings.load().collector, question, parameters)


# The address is part of the question, as in `dashboard.queries`.
@st.cache_data(ttl=FRESH, max_entries=128, show_spinner="Adding up the runs …")
def _answer(url: str, question: str, parameters: dict[str, Any]) -> pa.Table:
    return connection.client(url).ask(question, **parameters)
