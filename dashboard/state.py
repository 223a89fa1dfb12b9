"""What the address bar holds, and what it means: the filters of every page and the links between them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

WINDOW, STRATEGIES, ORIGIN, PROFILE, TAG = "window", "strategy", "origin", "profile", "tag"
SINCE, UNTIL = "from", "to"
"""Of the window `custom`."""
OF_EVERY_PAGE = (WINDOW, SINCE, UNTIL, STRATEGIES, PROFILE, TAG, ORIGIN)
TEXT, MODEL, ERRORS_ONLY, STATUS = "text", "model", "errors", "status"
LEAST_COST, LEAST_LATENCY, LEAST_DEPTH = "min_cost", "min_latency", "min_depth"
USER, SESSION, ATTRIBUTE = "user", "session", "attribute"
SORT, PAGE, WITH = "sort", "page", "with"
TRACE, SPAN, VIEW, PART = "trace", "span", "view", "part"
COLOUR = "colour"
"""What the bars of a timeline are coloured by."""
SPAN_TEXT, SPAN_ROLE, SPAN_MODEL, SPAN_ORDER, SPAN_ERRORS = "find", "role", "of_model", "in_order", "failed"
"""Of the table of one run's spans."""
MODE, SCOPE = "mode", "scope"
SQL, QUESTION, PARAMETERS = "sql", "question", "parameters"
BY, UNDER, EVERY_STEP, ORDER = "by", "under", "steps", "order"
MANY_CALLS, WHICH = "calls", "runs"

OVERVIEW_PAGE = "views/overview.py"
TRACES_PAGE = "views/traces.py"
TRACE_PAGE = "views/trace.py"
COMPARE_PAGE = "views/compare.py"
RECURSION_PAGE = "views/recursion.py"
MODES_PAGE = "views/strategies.py"
SQL_PAGE = "views/sql.py"
PLAYGROUND_PAGE = "views/playground.py"
DIAGNOSTICS_PAGE = "views/diagnostics.py"

LIST = "list_address"

HOUR, DAY = 3600, 86_400
WINDOWS: Mapping[str, int | None] = {
    "1h": HOUR,
    "1d": DAY,
    "7d": 7 * DAY,
    "14d": 14 * DAY,
    "30d": 30 * DAY,
    "all": None,
}
DEFAULT_WINDOW, CUSTOM = "7d", "custom"
WINDOW_NAMES = {
    "1h": "hour",
    "1d": "day",
    "7d": "7 days",
    "14d": "14 days",
    "30d": "30 days",
    CUSTOM: "same length",
}
ORIGINS = ("all", "real", "simulated")
STATUSES = ("ok", "error", "running")
SORTS = {
    "newest": "newest first",
    "cost": "dearest first",
    "latency": "slowest first",
    "calls": "most calls first",
    "tokens": "most tokens first",
    "depth": "deepest first",
}
"""The orders of the list of runs, as the address and the store name them, in words."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 300, 900, 1800, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY)
SECOND_NS = 1_000_000_000
FRESHNESS = 10 * SECOND_NS


@dataclass(frozen=True, slots=True)
class Filters:
    """Which runs count: those that start in `[since_ns, until_ns)`, of these strategies (none named: all).

    Every question takes all of it. A model is not among it, on purpose: a run has many, so that the spend of the runs
    which called one holds what the others cost, and would be read as the spend on that model. It narrows the list of
    runs alone, see `Search`.
    """

    since_ns: int
    until_ns: int
    strategies: tuple[str, ...] = ()
    origin: str = "all"
    mode: str = ""
    """A strategy or a profile by its name, as it was asked for; empty: any."""
    tag: str = ""

    def parameters(self) -> dict[str, Any]:
        return {
            "since_ns": self.since_ns,
            "until_ns": self.until_ns,
            "strategies": list(self.strategies),
            "origin": self.origin,
            "mode": self.mode,
            "tag": self.tag,
        }

    def before(self) -> "Filters | None":
        """The window of the same length just before; None for all time, which has nothing before it."""
        if self.since_ns == 0:
            return None
        return replace(self, since_ns=2 * self.since_ns - self.until_ns, until_ns=self.since_ns)


@dataclass(frozen=True, slots=True)
class Buckets:
    """The time axis of a chart."""

    since_ns: int
    until_ns: int
    seconds: int
    zone: str


@dataclass(frozen=True, slots=True)
class Search:
    """What the list of runs asks for on top of the filters."""

    text: str = ""
    model: str = ""
    errors_only: bool = False
    status: str = ""
    min_cost_usd: float = 0.0
    min_latency_ms: float = 0.0
    min_depth: int = 0
    user: str = ""
    session: str = ""
    attributes: tuple[str, ...] = ()
    """key=value, on any span of the run or on its resource."""
    sort: str = "newest"

    @property
    def narrows(self) -> bool:
        return replace(self, sort="newest") != Search()

    @property
    def looks_at_spans(self) -> bool:
        """No roll-up knows how deep a run is, so the store answers for the newest runs alone."""
        return self.min_depth > 1 or self.sort == "depth"

    def parameters(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "model": self.model,
            "errors_only": self.errors_only,
            "status": self.status,
            "min_cost_usd": self.min_cost_usd,
            "min_latency_ms": self.min_latency_ms,
            "min_depth": self.min_depth,
            "user_id": self.user,
            "session_id": self.session,
            "attributes": list(self.attributes),
            "sort": self.sort,
        }


def filters_for(
    window: str,
    strategies: list[str],
    origin: str,
    now_ns: int,
    *,
    mode: str = "",
    tag: str = "",
    custom: tuple[int, int] | None = None,
) -> Filters:
    """The end is rounded up to ten seconds, so that a page's questions share their cached answers.

    `custom` are the ends of the window of that name.
    """
    until_ns = (now_ns // FRESHNESS + 1) * FRESHNESS
    seconds = WINDOWS.get(window, WINDOWS[DEFAULT_WINDOW])
    since_ns = 0 if seconds is None else until_ns - seconds * SECOND_NS
    if window == CUSTOM and custom:
        since_ns, until_ns = custom
    return Filters(since_ns, until_ns, tuple(strategies), origin, mode, tag)


def default_origin(traces: int, simulated_traces: int) -> str:
    """Real runs alone as soon as there is one: money nobody was billed must not stand among money somebody was."""
    return "real" if 0 < simulated_traces < traces else "all"


def current_filters() -> Filters:
    """What the sidebar says now."""
    values = st.session_state
    return filters_for(
        values.get(WINDOW) or DEFAULT_WINDOW,
        values.get(STRATEGIES) or [],
        values.get(ORIGIN) or "all",
        time.time_ns(),
        mode=values.get(PROFILE) or "",
        tag=values.get(TAG) or "",
        custom=values.get(CUSTOM),
    )


def remember_list() -> None:
    """The list of runs as it is now, for the way back from a trace."""
    st.session_state[LIST] = {name: st.query_params.get_all(name) for name in st.query_params}


def last_list() -> dict[str, list[str]]:
    """The address of the list of runs as the reader last saw it: what a link back to it says."""
    return st.session_state.get(LIST, {})


def buckets_for(filters: Filters, oldest_ns: int, newest_ns: int, zone: str) -> Buckets:
    """The window; or, where it covers the whole store, the time from the first run to the last span.

    So a store of ten minutes is not drawn as a week of nothing.
    """
    since_ns, until_ns = filters.since_ns, filters.until_ns
    if oldest_ns >= since_ns:
        since_ns = min(oldest_ns, until_ns - SECOND_NS) // SECOND_NS * SECOND_NS
        until_ns = max(min(until_ns, newest_ns), since_ns + SECOND_NS)
    return Buckets(since_ns, until_ns, bucket_seconds((until_ns - since_ns) / SECOND_NS), zone)


def bucket_seconds(length: float) -> int:
    """The finest step that keeps a chart at 60 bars up to an hour (1 min) and 24 beyond (a day: 1 h, 14 days: 1 d); at
    31 of days, so that a month is not four weeks."""
    most = 60 if length <= HOUR else 24
    return next((step for step in STEPS if length / step <= (31 if step == DAY else most)), STEPS[-1])


def zone() -> str:
    """The reader's time zone."""
    return st.context.timezone or "UTC"


def local(utc: datetime) -> datetime:
    """A moment of the store, which is in UTC without saying so, on the reader's clock."""
    return utc.replace(tzinfo=UTC).astimezone(ZoneInfo(zone()))
