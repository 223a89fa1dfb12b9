"""The parameters of the questions, checked as they are made.

They arrive as JSON from anybody who can reach the port, so `from_json` takes nothing on trust.
"""

import math
import zoneinfo
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, TypeVar, cast, get_type_hints

from collector.errors import QuestionError
from collector.spans.hex_ids import SPAN_ID_DIGITS, TRACE_ID_DIGITS, stored_form
from composite_llm.encodable import encodable

DAY_SECONDS = 86_400
CENTURY_SECONDS = 36_525 * DAY_SECONDS
LAST_NS = 2**63 - 1
MOST_BUCKETS = 5_000
MOST_ROWS = 1_000
MOST_ATTRIBUTES = 10
STATUSES = ("", "ok", "error", "running")
SORTS = ("newest", "cost", "latency", "calls", "tokens", "depth")
ORIGINS = ("all", "real", "simulated")


@dataclass(frozen=True, slots=True)
class Nothing:
    """For questions about the whole store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The spans that start in [since_ns, until_ns)."""

    since_ns: int
    until_ns: int

    def __post_init__(self) -> None:
        _require(0 <= self.since_ns <= self.until_ns <= LAST_NS, "since_ns must lie before until_ns")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsOf(Period):
    """What starts in the period, of runs of one kind."""

    origin: str = "all"

    def __post_init__(self) -> None:
        # Zero-argument super() does not work in a slotted dataclass.
        Period.__post_init__(self)
        _require(self.origin in ORIGINS, f"origin must be one of {', '.join(ORIGINS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfStrategy(RunsOf):
    strategy: str
    """As attributes name it: `council`, `rlm` …"""

    def __post_init__(self) -> None:
        RunsOf.__post_init__(self)
        _require(self.strategy.isidentifier(), f"there is no strategy {self.strategy!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The runs that start in [since_ns, until_ns)."""

    since_ns: int
    until_ns: int
    strategies: tuple[str, ...] = ()
    """Empty means all; runs without a strategy are named "other"."""
    origin: str = "all"
    mode: str = ""
    """A strategy or a profile, as `by_mode` names it; empty means all."""
    tag: str = ""

    def __post_init__(self) -> None:
        _require(0 <= self.since_ns <= self.until_ns <= LAST_NS, "since_ns must lie before until_ns")
        _require(self.origin in ORIGINS, f"origin must be one of {', '.join(ORIGINS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Buckets(Window):
    """A window cut into buckets; days and longer ones begin at midnight in `zone`, shorter ones ignore it."""

    bucket_seconds: int
    zone: str = "UTC"

    def __post_init__(self) -> None:
        # Zero-argument super() does not work in a slotted dataclass.
        Window.__post_init__(self)
        _require(self.bucket_seconds > 0, "bucket_seconds must be positive")
        _require(self.bucket_seconds <= CENTURY_SECONDS, "bucket_seconds must be at most a century")
        wanted = (self.until_ns - self.since_ns) // (self.bucket_seconds * 1_000_000_000)
        _require(wanted <= MOST_BUCKETS, f"that is {wanted} buckets; ask for at most {MOST_BUCKETS}")
        _require(_is_zone(self.zone), f"there is no time zone {self.zone!r}")
        if self.bucket_seconds % DAY_SECONDS:
            object.__setattr__(self, "zone", "UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFilter(Window):
    """One page of the runs that pass every filter."""

    text: str = ""
    """Part of the question or of the model name in any case, or the beginning of a trace id."""
    model: str = ""
    errors_only: bool = False
    status: str = ""
    """ok, error (a root failed) or running (no root has come); empty means all."""
    session_id: str = ""
    user_id: str = ""
    attributes: tuple[str, ...] = ()
    """key=value, each carried by some span of the run or by the program that sent it."""
    min_cost_usd: float = 0.0
    min_latency_ms: float = 0.0
    min_depth: int = 0
    """Levels of spans, one below the other; a run of one span has 1. Looked at in the newest runs alone."""
    sort: str = "newest"
    """One of SORTS; all but the first put the greatest first."""
    page_size: int = 50
    page_offset: int = 0
    before_ns: int = LAST_NS
    """With `after_id` the place in the list after which the page begins: of runs that start at `before_ns`,
    those with a greater id."""
    after_id: str = ""

    def __post_init__(self) -> None:
        Window.__post_init__(self)
        _require(1 <= self.page_size <= MOST_ROWS, f"page_size must be 1 to {MOST_ROWS}")
        _require(0 <= self.page_offset <= LAST_NS, "page_offset must not be negative")
        _require(0 <= self.before_ns <= LAST_NS, "before_ns must not be negative")
        _require(self.sort in SORTS, f"sort must be one of {', '.join(SORTS)}")
        _require(self.status in STATUSES, f"status must be one of {', '.join(STATUSES[1:])}")
        for attribute in self.attributes:
            _require(attribute.find("=") > 0, f"{attribute!r} is no attribute: write key=value")
        _require(len(self.attributes) <= MOST_ATTRIBUTES, f"at most {MOST_ATTRIBUTES} attributes at once")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words that spans say which start in [since_ns, until_ns)."""

    since_ns: int
    until_ns: int
    text: str
    most: int = MOST_ROWS
    after_id: str = ""
    """Of the traces that say them last at the very end of the window, those with a greater id."""

    def __post_init__(self) -> None:
        _require(0 <= self.since_ns <= self.until_ns <= LAST_NS, "since_ns must lie before until_ns")
        _require(self.text != "", "text must not be empty")
        _require(1 <= self.most <= MOST_ROWS, f"most must be 1 to {MOST_ROWS}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidIn(Period):
    """What these traces say of a text, in spans that start in the period."""

    trace_ids: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenRuns:
    """Those of the traces that pass the filters of `Window`."""

    trace_ids: tuple[str, ...]
    strategies: tuple[str, ...] = ()
    origin: str = "all"
    mode: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsOf:
    """The calls of these traces that start in [first_ns, last_ns]."""

    trace_ids: tuple[str, ...]
    first_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTrace:
    trace_id: str
    """32 hex digits, in any form: upper case, with dashes, with 0x, without leading zeros."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "trace_id", stored_form(self.trace_id, TRACE_ID_DIGITS))


@dataclass(frozen=True, slots=True, kw_only=True)
class IdBeginning:
    trace_id: str
    """The first hex digits of one, lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSpan(OneTrace):
    span_id: str
    """16 hex digits, in any form."""

    def __post_init__(self) -> None:
        OneTrace.__post_init__(self)
        object.__setattr__(self, "span_id", stored_form(self.span_id, SPAN_ID_DIGITS))


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeSpans(OneTrace):
    span_ids: tuple[str, ...]
    """Each of 16 hex digits."""
    most_input: int
    most_output: int
    """How many characters of a text are wanted."""

    def __post_init__(self) -> None:
        OneTrace.__post_init__(self)
        _require(len(self.span_ids) <= MOST_ROWS, f"at most {MOST_ROWS} spans at once")
        for wanted in (self.most_input, self.most_output):
            _require(0 <= wanted <= LAST_NS, "the characters wanted must not be negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Traces of one page, and when its first page was asked for."""

    trace_ids: tuple[str, ...]
    first_ns: int
    last_ns: int
    as_of_ns: int


Parameters = Nothing | Period | Window | OneTrace | IdBeginning | Listed | Words | ChosenRuns | CallsOf
Kind = TypeVar("Kind", bound=Parameters)


def from_json(kind: type[Kind], body: object) -> Kind:
    """`body` as a `kind`; anything unknown, missing or of the wrong type is a QuestionError."""
    if not isinstance(body, dict):
        raise QuestionError("the parameters must be a JSON object")
    given = cast("dict[str, Any]", body)
    hints = get_type_hints(kind)
    known = {field.name: field for field in fields(kind)}
    for name in given:
        _require(name in known, f"there is no parameter {name!r}; there are: {', '.join(known) or 'none'}")
    for name, field in known.items():
        _require(name in given or _is_optional(field), f"the parameter {name!r} is missing")
    return kind(**{name: _checked(name, value, hints[name]) for name, value in given.items()})


def _checked(name: str, value: Any, hint: Any) -> Any:
    match value:
        case bool() if hint is bool:
            return value
        case int() if hint in (int, float) and not isinstance(value, bool):
            _require(-LAST_NS <= value <= LAST_NS, f"{name!r} must lie between -2^63 and 2^63")
            return hint(value)
        case float() if hint is float:
            _require(math.isfinite(value), f"{name!r} must be a number that is finite")
            return value
        case str() if hint is str:
            return _told(name, value)
        case list() if hint == tuple[str, ...] and all(isinstance(item, str) for item in value):
            return tuple(_told(name, item) for item in value)
        case _:
            raise QuestionError(f"{name!r} must be {_described(hint)}")


def _told(name: str, text: str) -> str:
    """JSON may escape half of a UTF-16 pair, which is no text that a store could hold."""
    _require(encodable(text) is text, f"{name!r} holds half of a UTF-16 pair")
    return text


def _described(hint: Any) -> str:
    return {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}.get(
        hint, "a list of texts"
    )


def _is_optional(field: Field[Any]) -> bool:
    return field.default is not MISSING


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    # A name with a slash at its start, a NUL or a folder in it is a ValueError or an OSError.
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise QuestionError(otherwise)
