"""The window of time that a request is about."""

import datetime as dt
import re
import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from collector.errors import QuestionError
from collector.parameters import LAST_NS, Window

HOUR_NS = 3600 * 10**9
MOST_DIGITS = 40
ZONE_LOST_ITS_PLUS = re.compile(r" (?=\d\d:?\d\d$)")

Moment = Annotated[
    str | None,
    Field(description="ISO 8601 with a zone, such as 2026-11-21T14:30:00Z, or nanoseconds since 1970."),
]


class WindowQuery(BaseModel):
    """Everything, where neither end is given."""

    model_config = ConfigDict(extra="forbid")

    since: Moment = None
    until: Moment = None
    last_hours: Annotated[
        float | None,
        Field(gt=0, le=1_000_000, description="The last so many hours; not together with since."),
    ] = None
    strategy: Annotated[
        list[str],
        Field(
            default_factory=list[str], description="moa, council, direct …, or other; repeat it for several."
        ),
    ]
    origin: Literal["all", "real", "simulated"] = "all"
    mode: Annotated[
        str,
        Field(
            description="A strategy or a profile, as it was asked for: quick is composite/quick, moa composite/moa/…"
        ),
    ] = ""
    tag: str = ""

    def window(self) -> Window:
        if self.since is not None and self.last_hours is not None:
            raise QuestionError("give since or last_hours, not both")
        until_ns = LAST_NS if self.until is None else moment_ns("until", self.until)
        since_ns = 0 if self.since is None else moment_ns("since", self.since)
        if self.last_hours is not None:
            since_ns = max(0, min(until_ns, time.time_ns()) - int(self.last_hours * HOUR_NS))
        if since_ns > until_ns:
            raise QuestionError("since must lie before until")
        return Window(
            since_ns=since_ns,
            until_ns=until_ns,
            strategies=tuple(self.strategy),
            origin=self.origin,
            mode=self.mode,
            tag=self.tag,
        )


def moment_ns(name: str, text: str) -> int:
    ns = _ns(name, text)
    if not 0 <= ns <= LAST_NS:
        raise QuestionError(f"{name} is out of range: moments are from 1970 to 2262")
    return ns


def _ns(name: str, text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS:
        return int(text)
    # A plus that was not written as %2B arrives as a space.
    text = ZONE_LOST_ITS_PLUS.sub("+", text)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise QuestionError(
            f"{name} is no moment: write it like 2026-11-21T14:30:00Z, or in nanoseconds since 1970"
        ) from error
    if moment.tzinfo is None:
        raise QuestionError(f"{name} names no time zone: add Z for UTC, or an offset such as +01:00")
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1) * 1000


def iso(ns: int) -> str:
    """A moment as `moment_ns` reads it, to the nanosecond."""
    seconds, rest = divmod(ns, 10**9)
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%dT%H:%M:%S}.{rest:09}Z"
