"""A span as one row of the `spans` table.

Columns are typed copies of attributes that questions ask for; the `attributes` column keeps every attribute
as it came, except the four texts of content, which would otherwise be stored twice. The few spans that plain
columns cannot tell whole keep their OTLP beside them, so that every span can leave as it came.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.dialects.foreign import foreign_columns
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
NOT_COPIED: dict[str, Any] = dict.fromkeys(column for column, _ in COPIED.values())


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
    start_ns = span.start_time_unix_nano
    lost: set[str] = set()
    attributes = attributes_of(span.attributes, lost)
    events = _events(span, lost)
    links = _links(span, lost)
    oddities = _oddities(span, source)
    span_type = text(attributes, c.SPAN_TYPE)
    is_llm_call = span_type == c.LLM_CALL
    copied = _copied(attributes)
    cost_usd = amount(attributes, c.COST_USD, c.GEN_AI_COST, c.LLM_COST_TOTAL)
    usage_source = copied["usage_source"]
    failed = span.status.code == Status.STATUS_CODE_ERROR
    refused = usage_source == NOTHING_USED or (usage_source is None and failed)
    used = copied["input_tokens"] is not None or copied["output_tokens"] is not None
    is_root = not any(span.parent_span_id)
    # Our own spans need no look at what others call the same things.
    foreign = None if span_type else foreign_columns(attributes, lost, is_root=is_root, failed=failed)
    input_value = content(attributes, c.INPUT_VALUE)
    row = SpanRow(
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_span_id=None if is_root else span.parent_span_id.hex(),
        start_ns=start_ns,
        duration_ns=max(0, min(span.end_time_unix_nano, LAST_NS) - start_ns),
        name=span.name,
        kind=span.kind,
        status_code=span.status.code,
        status_message=span.status.message or None,
        service_name=source.service_name,
        scope_name=source.scope_name,
        scope_version=source.scope_version,
        scope_id=source.scope_id,
        resource_id=source.resource_id,
        dialect=COMPOSITE if span_type else None,
        span_type=span_type,
        **copied,
        model=text(attributes, c.LITELLM_MODEL, c.REQUEST_MODEL, c.RESPONSE_MODEL),
        cache_write_tokens=count(attributes, c.CACHE_WRITE_TOKENS, c.CACHE_CREATION_TOKENS),
        cost_usd=cost_usd,
        usage_rule=None,
        is_llm_call=is_llm_call,
        billing=billing_of(cost_usd, used=used, refused=refused) if is_llm_call else None,
        simulated=attributes.get(c.SIMULATED) is True,
        tags=texts(attributes, c.TRACE_TAGS),
        question=last_question(input_value) if span_type == c.REQUEST and input_value else None,
        input_value=input_value,
        output_value=content(attributes, c.OUTPUT_VALUE),
        input_messages=content(attributes, c.INPUT_MESSAGES),
        output_messages=content(attributes, c.OUTPUT_MESSAGES),
        # Last of the texts: `content` has taken its four out by now.
        attributes=as_json(attributes),
        events=events,
        links=links,
        trace_state=span.trace_state or None,
        flags=span.flags,
        dropped_attributes=span.dropped_attributes_count,
        dropped_events=span.dropped_events_count,
        dropped_links=span.dropped_links_count,
        oddities=oddities,
        landed_ns=source.landed_ns,
        otlp=span.SerializeToString() if lost or UNTELLABLE & set(oddities) else None,
    )
    return row if foreign is None else row._replace(**foreign)


def _copied(attributes: Attributes) -> dict[str, Any]:
    """A span has a dozen attributes and the table twice as many columns, so it is the attributes that are walked."""
    copied = NOT_COPIED.copy()
    for key, value in attributes.items():
        if key in COPIED:
            column, read = COPIED[key]
            copied[column] = read(value)
    return copied


def _oddities(span: Span, source: Source) -> tuple[str, ...]:
    """What is strange about a span that is kept all the same, by the names `oddities` answers with."""
    start_ns, end_ns = span.start_time_unix_nano, span.end_time_unix_nano
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
