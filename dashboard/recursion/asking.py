"""What the recursion pages ask the collector, kept for as long as it holds."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from composite_llm import settings
from dashboard import connection
from dashboard.answers import rows_of
from dashboard.answers.recursion import NestedRun, NodeFacts, RunDepth
from dashboard.recursion.nesting import Nesting, nesting_of
from dashboard.recursion.repeats import Place
from dashboard.run import Run
from dashboard.state import Filters

MOST_RUNS, MOST_SPANS = 500, 20_000


def node_facts(run: Run) -> dict[str, NodeFacts]:
    """By span id: what the requests and nodes of one run say of themselves."""
    return _node_facts(settings.load().collector, run.summary.trace_id, run.revision)


def place_of(run: Run) -> Place:
    """Where its spans stand in time, which spares the collector looking through all there are."""
    return _place(settings.load().collector, run.summary.trace_id, run.revision)


def nesting(run: Run, *, steps: bool) -> Nesting:
    return _nesting(settings.load().collector, run.revision, steps, run)


def nested_runs(filters: Filters) -> list[NestedRun]:
    """The newest of them, which are looked at span by span."""
    return _nested_runs(settings.load().collector, filters)


def run_depths(filters: Filters) -> list[RunDepth]:
    return _run_depths(settings.load().collector, filters)


@st.cache_data(ttl="10s", max_entries=8, show_spinner=False)
def _nested_runs(url: str, filters: Filters) -> list[NestedRun]:
    return rows_of(NestedRun, connection.client(url).ask("nested_runs", **bounded(filters)))


@st.cache_data(ttl="10s", max_entries=8, show_spinner="Looking at nested runs …", show_time=True)
def _run_depths(url: str, filters: Filters) -> list[RunDepth]:
    return rows_of(RunDepth, connection.client(url).ask("recursion_depths", **bounded(filters)))


def bounded(filters: Filters) -> dict[str, Any]:
    """Parameters of the questions that look at spans."""
    return filters.parameters() | {"most_runs": MOST_RUNS, "most_spans": MOST_SPANS}


def located(runs: Sequence[Place]) -> dict[str, Any]:
    """Parameters of the questions about the spans of some runs."""
    return {
        "trace_ids": [run.trace_id for run in runs],
        "first_ns": min((run.first_ns for run in runs), default=0),
        "last_ns": max((run.last_ns for run in runs), default=0),
    }


# Resources, not data, since ten thousand rows are not to be copied at every click; spans are only ever added, so a
# run's revision tells whether they still hold.
@st.cache_resource(max_entries=16, show_spinner="Reading the nodes …")
def _node_facts(url: str, trace_id: str, revision: str) -> dict[str, NodeFacts]:
    place = _place(url, trace_id, revision)
    bounds = {"first_ns": place.first_ns, "last_ns": place.last_ns}
    rows = connection.client(url).ask("recursion_nodes", trace_ids=[trace_id], **bounds)
    return {row.span_id: row for row in rows_of(NodeFacts, rows)}


@st.cache_resource(max_entries=16, show_spinner=False)
def _place(url: str, trace_id: str, revision: str) -> Place:
    """Of a run that has gone since, a place where nothing stands."""
    bounds = connection.client(url).ask("trace_bounds", trace_id=trace_id).to_pylist()
    return Place(trace_id, **bounds[0]) if bounds else Place(trace_id, 0, 0)


@st.cache_resource(max_entries=16, show_spinner=False)
def _nesting(url: str, revision: str, steps: bool, _run: Run) -> Nesting:
    return nesting_of(_run.spans, steps=steps)
