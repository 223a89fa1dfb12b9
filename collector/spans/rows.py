"""A span as one row of the `spans` table.

Columns are typed copies of attributes that questions ask for; the `attributes` column keeps every attribute
as it came, except the four texts of content, which would otherwise be stored twice. The few spans that plain
columns cannot tell whole keep their OTLP beside them, so that every span can leave as it came.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.dialects.foreign import CONTENT_COLUMNS, foreign_columns
from collector.dialects.table import COMPOSITE
from collector.spans.attribute_values import Attributes, Value, attributes_of
from collector.spans.billing import billing_of
from collector.spans.columns import SpanRow
from collector.spans.last_question import last_question
from collector.spans.promotion import amount, as_count, as_json, as_text, content, count, text, texts
from composite_llm import conventions as c

LAST_NS = 2**63 - 2
"""The last moment a 64-bit signed count of nanoseconds can name, in the year 2262. DuckDB's timestamps keep the
one number above it for infinity."""

ENDS_BEFORE_START = "ends before it starts"
ENDS_TOO_LATE = "ends beyond the year 2262"
STARTS_LONG_AGO = "starts before the year 2000"
STARTS_IN_FUTURE = "starts in the future"
LARGE = "larger than 1 MB"
UNTELLABLE = frozenset({ENDS_BEFORE_START, ENDS_TOO_LATE})
"""Their ends do not fit a start and a duration."""

EARLIEST_LIKELY_NS = 946_684_800 * 10**9
CLOCK_TOLERANCE_NS = 60 * 10**9
"""Clocks of two machines may differ a little without anybody having to know."""
LARGE_BYTES = 1024 * 1024

NOTHING_USED = "none"
"""What our own calls say of their usage when they were refused."""

COPIED: dict[str, tuple[str, Callable[[Value], str | int | None]]] = {
    c.SPAN_TYPE: ("span_type", as_text),
    c.OPERATION: ("operation", as_text),
    c.PROVIDER: ("provider", as_text),
    c.STRATEGY: ("strategy", as_text),
    c.MODEL_NAME: ("model_name", as_text),
    c.CALL_ROLE: ("role", as_text),
    c.STAGE_KIND: ("stage_kind", as_text),
    c.STAGE_NAME: ("stage_name", as_text),
    c.STAGE_INDEX: ("stage_index", as_count),
    c.CALL_INDEX: ("call_index", as_count),
    c.CALL_ATTEMPT: ("attempt", as_count),
    c.CALL_OUTCOME: ("outcome", as_text),
    c.ERROR_TYPE: ("error_type", as_text),
    c.INPUT_TOKENS: ("input_tokens", as_count),
    c.OUTPUT_TOKENS: ("output_tokens", as_count),
    c.CACHE_READ_TOKENS: ("cached_tokens", as_count),
    c.REASONING_TOKENS: ("reasoning_tokens", as_count),
    c.COST_SOURCE: ("cost_source", as_text),
    c.PRICE_VERSION: ("price_version", as_text),
    c.USAGE_SOURCE: ("usage_source", as_text),
    c.RESPONSE_ID: ("response_id", as_text),
    c.REQUEST_ID: ("request_id", as_text),
    c.SESSION_ID: ("session_id", as_text),
    c.USER_ID: ("user_id", as_text),
}
"""The columns that hold the value of one attribute, by its key."""
BLANK: dict[str, Any] = dict.fromkeys(SpanRow._fields) | {"is_llm_call": False}
"""A row of which nothing is known yet, in the order of its columns."""
NO_PARENT = bytes(8)


class Source(NamedTuple):
    """What the spans of one scope share."""

    resource_id: str
    service_name: str | None
    scope_id: str
    scope_name: str
    scope_version: str
    landed_ns: int
    largest_bytes: int
    """No span is larger than this: the size of the whole request."""


def span_row(span: Span, source: Source) -> SpanRow:
    lost: set[str] = set()
    attributes = attributes_of(span.attributes, lost)
    # Filled by name and made a tuple in the end: a call that names sixty columns takes twice as long.
    row = BLANK | _frame(span, source, lost)
    failed = row["status_code"] == Status.STATUS_CODE_ERROR
    _copy(row, attributes, failed=failed)
    # Our own spans need no look at what others call the same things.
    foreign = None
    if row["span_type"] is None:
        is_root = row["parent_span_id"] is None
        foreign = foreign_columns(attributes, lost, is_root=is_root, failed=failed)
    _take_content(row, attributes)
    row["attributes"] = as_json(attributes)
    if foreign:
        row.update(foreign)
    if lost or not UNTELLABLE.isdisjoint(row["oddities"]):
        row["otlp"] = span.SerializeToString()
    return SpanRow._make(row.values())


def _frame(span: Span, source: Source, lost: set[str]) -> dict[str, Any]:
    """What every span has, whoever made it."""
    start_ns, end_ns = span.start_time_unix_nano, span.end_time_unix_nano
    parent, status = span.parent_span_id, span.status
    return {
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_span_id": parent.hex() if parent and parent != NO_PARENT else None,
        "start_ns": start_ns,
        "duration_ns": max(0, min(end_ns, LAST_NS) - start_ns),
        "name": span.name,
        "kind": span.kind,
        "status_code": status.code,
        "status_message": status.message or None,
        "service_name": source.service_name,
        "scope_name": source.scope_name,
        "scope_version": source.scope_version,
        "scope_id": source.scope_id,
        "resource_id": source.resource_id,
        "events": _events(span, lost),
        "links": _links(span, lost),
        "trace_state": span.trace_state or None,
        "flags": span.flags,
        "dropped_attributes": span.dropped_attributes_count,
        "dropped_events": span.dropped_events_count,
        "dropped_links": span.dropped_links_count,
        "oddities": _oddities(span, source, start_ns, end_ns),
        "landed_ns": source.landed_ns,
    }


def _copy(row: dict[str, Any], attributes: Attributes, *, failed: bool) -> None:
    """A span has a dozen attributes and the table twice as many columns, so it is the attributes that are walked."""
    for key, value in attributes.items():
        if key in COPIED:
            column, read = COPIED[key]
            row[column] = read(value)
    row["model"] = text(attributes, c.LITELLM_MODEL, c.REQUEST_MODEL, c.RESPONSE_MODEL)
    row["cache_write_tokens"] = count(attributes, c.CACHE_WRITE_TOKENS, c.CACHE_CREATION_TOKENS)
    row["cost_usd"] = amount(attributes, c.COST_USD, c.GEN_AI_COST, c.LLM_COST_TOTAL)
    row["tags"] = texts(attributes, c.TRACE_TAGS)
    row["simulated"] = attributes.get(c.SIMULATED) is True
    if row["span_type"]:
        row["dialect"] = COMPOSITE
    if row["span_type"] == c.LLM_CALL:
        row["is_llm_call"] = True
        refused = row["usage_source"] == NOTHING_USED or (row["usage_source"] is None and failed)
        used = row["input_tokens"] is not None or row["output_tokens"] is not None
        row["billing"] = billing_of(row["cost_usd"], used=used, refused=refused)


def _take_content(row: dict[str, Any], attributes: Attributes) -> None:
    """What is not text stands in `attributes` as well."""
    for key, column in CONTENT_COLUMNS.items():
        if key in attributes:
            row[column] = content(attributes, key)
    if row["span_type"] == c.REQUEST and row["input_value"]:
        row["question"] = last_question(row["input_value"])


def _oddities(span: Span, source: Source, start_ns: int, end_ns: int) -> tuple[str, ...]:
    """What is strange about a span that is kept all the same, by the names `oddities` answers with."""
    found: list[str] = []
    if end_ns < start_ns:
        found.append(ENDS_BEFORE_START)
    if end_ns > LAST_NS:
        found.append(ENDS_TOO_LATE)
    if start_ns < EARLIEST_LIKELY_NS:
        found.append(STARTS_LONG_AGO)
    if start_ns > source.landed_ns + CLOCK_TOLERANCE_NS:
        found.append(STARTS_IN_FUTURE)
    if source.largest_bytes > LARGE_BYTES and span.ByteSize() > LARGE_BYTES:
        found.append(LARGE)
    return tuple(found)


def _events(span: Span, lost: set[str]) -> str | None:
    if not span.events:
        return None
    return as_json(
        [
            {
                "name": event.name,
                "time_ns": event.time_unix_nano,
                "attributes": attributes_of(event.attributes, lost),
                "dropped_attributes": event.dropped_attributes_count,
            }
            for event in span.events
        ]
    )


def _links(span: Span, lost: set[str]) -> str | None:
    if not span.links:
        return None
    return as_json(
        [
            {
                "trace_id": link.trace_id.hex(),
                "span_id": link.span_id.hex(),
                "trace_state": link.trace_state,
                "attributes": attributes_of(link.attributes, lost),
                "dropped_attributes": link.dropped_attributes_count,
                "flags": link.flags,
            }
            for link in span.links
        ]
    )
