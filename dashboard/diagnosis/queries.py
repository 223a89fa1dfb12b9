"""What the diagnostics ask the collector. None is the answer of a collector of a version that does not know the question."""

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import streamlit as st

from collector.errors import QuestionError
from collector.monitoring.status import Status
from collector.retention.limits import Pruned
from composite_llm import settings
from dashboard import connection
from dashboard.answers.rows import row_of, rows_of
from dashboard.diagnosis.answers import (
    Bottleneck,
    Grown,
    ModelCost,
    Oddity,
    RunShape,
    Trust,
    UnpricedModel,
    UsageRule,
)
from dashboard.state import DAY, SECOND_NS, Buckets, Filters

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")

FRESH = "5s"
UNKNOWN_QUESTION = "there is no question named"
LOOKING = "Holding each span against its parent …"
FIVE_MINUTES = 300 * SECOND_NS
LAST_NS = 2**63 - 1
TEN_YEARS = 3652 * DAY
DAYS = 13
"""Back, which touch fourteen."""
MOST_RUNS, MOST_SPANS = 500, 20_000
"""That are opened span by span."""


def trust(filters: Filters) -> Trust:
    return row_of(Trust, _ask("totals", **filters.parameters()))


def unpriced_models(filters: Filters) -> list[UnpricedModel] | None:
    return _rows(UnpricedModel, "unpriced_models", **filters.parameters())


def usage_rules(filters: Filters) -> list[UsageRule] | None:
    return _rows(UsageRule, "usage_rules", since_ns=filters.since_ns, until_ns=filters.until_ns)


def spans_within(filters: Filters) -> int:
    period = {"since_ns": filters.since_ns, "until_ns": filters.until_ns}
    return _ask("span_count", **period)["spans"][0].as_py()


def oddities(filters: Filters) -> list[Oddity]:
    """Held against each other span by span."""
    url = settings.load().collector
    return rows_of(Oddity, _looked_for(url, filters.since_ns, filters.until_ns))


def oddities_of_many(filters: Filters) -> list[Oddity]:
    """The same of a large window, which takes seconds, at most 30: kept for five minutes, and so as old as that."""
    url = settings.load().collector
    since_ns, until_ns = (
        -(-end // FIVE_MINUTES * FIVE_MINUTES) for end in (filters.since_ns, filters.until_ns)
    )
    return rows_of(Oddity, _looked_for_among_many(url, since_ns, min(until_ns, LAST_NS)))


def days_until(until_ns: int, zone: str) -> Buckets:
    """The last two weeks."""
    return Buckets(max(0, until_ns - DAYS * DAY * SECOND_NS), until_ns, DAY, zone)


def growth(buckets: Buckets) -> list[Grown] | None:
    return _rows(
        Grown,
        "growth",
        since_ns=buckets.since_ns,
        until_ns=buckets.until_ns,
        bucket_seconds=buckets.seconds,
        zone=buckets.zone,
    )


def run_shapes(filters: Filters) -> list[RunShape] | None:
    return _rows(RunShape, "run_shapes", **_newest(filters))


def bottlenecks(filters: Filters) -> list[Bottleneck] | None:
    """The model that runs waited longest for first."""
    return _rows(Bottleneck, "bottlenecks", **_newest(filters))


def at_once(filters: Filters) -> Buckets:
    """The window in as few steps as there can be: what is only added up needs no axis."""
    return Buckets(filters.since_ns, filters.until_ns, TEN_YEARS, "UTC")


def cost_by_model(filters: Filters, buckets: Buckets) -> list[ModelCost]:
    """The dearest first; what spend over time adds up to."""
    shown = replace(filters, since_ns=buckets.since_ns, until_ns=buckets.until_ns)
    course = {"bucket_seconds": buckets.seconds, "zone": buckets.zone}
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0, 0])
    for row in rows_of(ModelCost, _ask("spend_by_model", **shown.parameters(), **course)):
        for place, part in enumerate((row.spend_usd, row.calls, row.unpriced_calls)):
            sums[row.model][place] += part
    models = [ModelCost(model, usd, int(calls), int(bare)) for model, (usd, calls, bare) in sums.items()]
    return sorted(models, key=lambda row: (-row.spend_usd, row.model))


def status() -> Status | None:
    return _status(settings.load().collector)


def would_prune(keep_days: float | None, max_bytes: int | None) -> Pruned:
    """What a prune would take away; takes nothing away. Raises QuestionError where there is no limit."""
    asked = connection.client(settings.load().collector)
    return asked.prune(keep_days=keep_days, max_bytes=max_bytes, dry_run=True)


def _newest(filters: Filters) -> dict[str, Any]:
    return {**filters.parameters(), "most_runs": MOST_RUNS, "most_spans": MOST_SPANS}


def _rows(kind: type[Row], question: str, **parameters: Any) -> list[Row] | None:
    try:
        return rows_of(kind, _ask(question, **parameters))
    except QuestionError as error:
        if UNKNOWN_QUESTION in str(error):
            return None
        raise


def _ask(question: str, **parameters: Any) -> pa.Table:
    return _answer(settings.load().collector, question, parameters)


# By the collector's address, as in dashboard.queries.
@st.cache_data(ttl=FRESH, max_entries=64, show_spinner=False)
def _answer(url: str, question: str, parameters: dict[str, Any]) -> pa.Table:
    return connection.client(url).ask(question, **parameters)


@st.cache_data(ttl="10s", max_entries=8, show_spinner=LOOKING, show_time=True)
def _looked_for(url: str, since_ns: int, until_ns: int) -> pa.Table:
    return connection.client(url).ask("oddities", since_ns=since_ns, until_ns=until_ns)


@st.cache_data(ttl="5m", max_entries=4, show_spinner=LOOKING, show_time=True)
def _looked_for_among_many(url: str, since_ns: int, until_ns: int) -> pa.Table:
    return connection.client(url).ask("oddities", since_ns=since_ns, until_ns=until_ns)


@st.cache_data(ttl="2s", max_entries=4, show_spinner=False)
def _status(url: str) -> Status | None:
    return connection.client(url).status()
