"""What the dashboard asks the collector: one function a question, answers kept for a moment.

The moment is short, so that a page shows what has just been recorded, and long enough for the cards and charts of
one page, and for several readers, to share an answer.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import pyarrow as pa
import streamlit as st

from collector.monitoring.health import Health
from composite_llm import settings
from dashboard import connection
from dashboard.answers import (
    BucketTotals,
    Listing,
    ModelSpend,
    ModeTotals,
    SpanContent,
    SpanDetail,
    Spender,
    StrategyLatency,
    StrategyTotals,
    Summary,
    Totals,
    row_of,
    rows_of,
)
from dashboard.palette import Palette, palette_of
from dashboard.run import Run, request_of
from dashboard.state import SECOND_NS, Buckets, Filters, Search

FRESH = "2s"
MOST_AT_ONE_MOMENT = 20
"""Runs that begin in the same nanosecond, at most."""
LATELY = "30s"
"""For names to choose from: one that is new may be typed."""
ALL_TIME = Filters(since_ns=0, until_ns=2**63 - 1)


def totals(filters: Filters) -> Totals:
    return row_of(Totals, _ask("totals", **filters.parameters()))


def totals_over_time(filters: Filters, buckets: Buckets) -> list[BucketTotals]:
    return rows_of(BucketTotals, _ask("totals_over_time", **over_time(filters, buckets)))


def spend_by_model(filters: Filters, buckets: Buckets) -> list[ModelSpend]:
    return rows_of(ModelSpend, _ask("spend_by_model", **over_time(filters, buckets)))


def latency_by_strategy(filters: Filters, buckets: Buckets) -> list[StrategyLatency]:
    return rows_of(StrategyLatency, _ask("latency_by_strategy", **over_time(filters, buckets)))


def by_strategy(filters: Filters) -> list[StrategyTotals]:
    """Dearest first."""
    return rows_of(StrategyTotals, _ask("by_strategy", **filters.parameters()))


def spenders(filters: Filters, by: str, most: int) -> list[Spender]:
    """Dearest first; `by` is user, session, tag or program."""
    return rows_of(Spender, _ask("spenders", **filters.parameters(), by=by, most=most))


def extremes(filters: Filters, sort: str, most: int) -> list[Summary]:
    """The runs that come first in this order, `cost` or `latency`."""
    return rows_of(Summary, _ask("traces", **filters.parameters(), sort=sort, page_size=most))


def by_mode(filters: Filters) -> dict[str, ModeTotals]:
    """By the name that was asked for, the dearest first."""
    return {row.mode: row for row in rows_of(ModeTotals, _ask("by_mode", **filters.parameters()))}


def traces(filters: Filters, search: Search, *, page_size: int, page: int) -> Listing:
    """In the order the search asks for; `page` counts from 1."""
    asked = {**filters.parameters(), **search.parameters()}
    rows = _ask("traces", **asked, page_size=page_size, page_offset=(page - 1) * page_size)
    if not rows.num_rows:
        return Listing([], 0, 0)
    return Listing(rows_of(Summary, rows), rows["matching"][0].as_py(), rows["looked_at"][0].as_py())


def depths(runs: Sequence[Summary]) -> dict[str, int]:
    """How many levels of spans each of the runs has, by trace id."""
    if not runs:
        return {}
    starts = [int(run.started.replace(tzinfo=UTC).timestamp()) * SECOND_NS for run in runs]
    ends = [start + round(run.latency_ms * 1e6) for start, run in zip(starts, runs, strict=True)]
    # Starts here are whole seconds, rounded down, and so may the ends be.
    bounds = {"first_ns": min(starts), "last_ns": max(ends) + SECOND_NS}
    rows = _ask("depths", trace_ids=[run.trace_id for run in runs], **bounds)
    return dict(zip(rows["trace_id"].to_pylist(), rows["depth"].to_pylist(), strict=True))


def neighbour(trace_id: str, filters: Filters, search: Search, *, newer: bool) -> str | None:
    """The run next to this one in time among those of the list with these filters, None past its end. One that does
    not pass them itself is looked for where it would stand."""
    known = _ask("trace_bounds", trace_id=trace_id)
    if not known.num_rows:
        return None
    start_ns = known["first_ns"][0].as_py()
    asked = {**filters.parameters(), **search.parameters(), "sort": "newest"}
    if not newer:
        older = _ask("traces", **asked, page_size=1, before_ns=start_ns, after_id=trace_id)
        return older["trace_id"][0].as_py() if older.num_rows else None
    # The list is read from its newest run on, so what stands before a run is at the end of what begins with it.
    asked["since_ns"] = min(max(start_ns, filters.since_ns), filters.until_ns)
    newest = _ask("traces", **asked, page_size=1)
    if not newest.num_rows:
        return None
    last = max(0, newest["matching"][0].as_py() - MOST_AT_ONE_MOMENT)
    ids = _ask("traces", **asked, page_size=MOST_AT_ONE_MOMENT, page_offset=last)["trace_id"].to_pylist()
    place = ids.index(trace_id) if trace_id in ids else len(ids)
    return ids[place - 1] if place else None


def run(trace_id: str) -> Run | None:
    """One trace opened, None if the store does not know it."""
    known = _ask("trace_summary", trace_id=trace_id)
    if not known.num_rows:
        return None
    summary = row_of(Summary, known)
    return _opened(settings.load().collector, trace_id, summary.spans, summary)


def span_detail(trace_id: str, span_id: str) -> SpanDetail | None:
    """One span with its content and all its attributes, None if the trace has no such span."""
    known = _ask("span_detail", trace_id=trace_id, span_id=span_id)
    return row_of(SpanDetail, known) if known.num_rows else None


def span_contents(
    trace_id: str, span_ids: Sequence[str], *, most_input: int, most_output: int
) -> dict[str, SpanContent]:
    """What some spans say, by their ids, cut to so many characters of each text."""
    wanted = {"most_input": most_input, "most_output": most_output}
    rows = _ask("span_contents", trace_id=trace_id, span_ids=list(span_ids), **wanted)
    return {row.span_id: row for row in rows_of(SpanContent, rows)}


def otlp(trace_id: str) -> bytes:
    """A whole trace as OTLP/JSON, as it came."""
    return connection.client(settings.load().collector).otlp(trace_id)


def strategies() -> list[str]:
    """The strategies of the store, the most used first."""
    return _ask("strategies")["strategy"].to_pylist()


def models() -> list[str]:
    return [model for model in _ask("models")["model"].to_pylist() if model]


def mode_names() -> list[str]:
    """Every strategy and profile that was ever asked for by its name."""
    return _names(settings.load().collector, "mode_names", "mode")


def tag_names() -> list[str]:
    return _names(settings.load().collector, "tag_names", "tag")


def model_colours() -> Palette:
    return palette_of(models())


def strategy_colours() -> Palette:
    return palette_of(strategies())


def health() -> Health:
    return _health(settings.load().collector)


def over_time(filters: Filters, buckets: Buckets) -> dict[str, Any]:
    """The parameters of a question about the course of a window."""
    shown = {"since_ns": buckets.since_ns, "until_ns": buckets.until_ns}
    return {**filters.parameters(), **shown, "bucket_seconds": buckets.seconds, "zone": buckets.zone}


def _ask(question: str, **parameters: Any) -> pa.Table:
    return _answer(settings.load().collector, question, parameters)


# The address is part of the question: tests, and a reader who changes it, ask more than one store from one process.
@st.cache_data(ttl=FRESH, max_entries=128, show_spinner=False)
def _answer(url: str, question: str, parameters: dict[str, Any]) -> pa.Table:
    return connection.client(url).ask(question, **parameters)


@st.cache_data(ttl=LATELY, max_entries=16, show_spinner=False)
def _names(url: str, question: str, column: str) -> list[str]:
    return connection.client(url).ask(question)[column].to_pylist()


@st.cache_data(ttl=FRESH, max_entries=4, show_spinner=False)
def _health(url: str) -> Health:
    return connection.client(url).health()


# A resource, not data: 10,000 spans are then not copied at every click. Spans are only ever added, so their number
# tells whether the trace is still the same; the summary follows from them.
@st.cache_resource(max_entries=16, show_spinner="Reading the trace …")
def _opened(url: str, trace_id: str, spans: int, _summary: Summary) -> Run:
    client = connection.client(url)
    rows = client.ask("trace_spans", trace_id=trace_id)
    return Run.of(_summary, rows, request_of(client, trace_id, rows))
