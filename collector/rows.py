"""A span as one row of the `spans` table.

Columns are typed copies of attributes that questions ask for; the `attributes` column keeps every attribute
as it came, except the four texts of content, which would otherwise be stored twice. The few spans that plain
columns cannot tell whole keep their OTLP beside them, so that every span can leave as it came.
"""

from typing import NamedTuple

from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from collector.attribute_values import attributes_of
from collector.billing import billing_of
from collector.columns import SpanRow
from collector.dialects import COMPOSITE
from collector.foreign import foreign_columns
from collector.last_question import last_question
from collector.promotion import amount, as_json, content, count, text, texts
from composite_llm import conventions as c

LAST_NS = 2**63 - 1
"""The last moment a 64-bit signed count of nanoseconds can name, in the year 2262."""

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


class Source(NamedTuple):
    """What the spans of one scope share."""

    resource_id: str
    service_name: str | None
    scope_id: str
    scope_name: str
    scope_version: str
    landed_ns: int


def span_row(span: Span, source: Source) -> SpanRow:
    start_ns = span.start_time_unix_nano
    lost: set[str] = set()
    attributes = attributes_of(span.attributes, lost)
    events = _events(span, lost)
    links = _links(span, lost)
    oddities = _oddities(span, source.landed_ns)
    span_type = text(attributes, c.SPAN_TYPE)
    is_llm_call = span_type == c.LLM_CALL
    outcome = text(attributes, c.CALL_OUTCOME)
    input_tokens = count(attributes, c.INPUT_TOKENS)
    output_tokens = count(attributes, c.OUTPUT_TOKENS)
    cost_usd = amount(attributes, c.COST_USD, c.GEN_AI_COST, c.LLM_COST_TOTAL)
    usage_source = text(attributes, c.USAGE_SOURCE)
    failed = span.status.code == Status.STATUS_CODE_ERROR
    refused = usage_source == NOTHING_USED or (usage_source is None and failed)
    used = input_tokens is not None or output_tokens is not None
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
        operation=text(attributes, c.OPERATION),
        provider=text(attributes, c.PROVIDER),
        model=text(attributes, c.LITELLM_MODEL, c.REQUEST_MODEL, c.RESPONSE_MODEL),
        strategy=text(attributes, c.STRATEGY),
        model_name=text(attributes, c.MODEL_NAME),
        role=text(attributes, c.CALL_ROLE),
        stage_kind=text(attributes, c.STAGE_KIND),
        stage_name=text(attributes, c.STAGE_NAME),
        stage_index=count(attributes, c.STAGE_INDEX),
        call_index=count(attributes, c.CALL_INDEX),
        attempt=count(attributes, c.CALL_ATTEMPT),
        outcome=outcome,
        error_type=text(attributes, c.ERROR_TYPE),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cached_tokens=count(attributes, c.CACHE_READ_TOKENS),
        cache_write_tokens=count(attributes, c.CACHE_WRITE_TOKENS, c.CACHE_CREATION_TOKENS),
        reasoning_tokens=count(attributes, c.REASONING_TOKENS),
        cost_usd=cost_usd,
        cost_source=text(attributes, c.COST_SOURCE),
        price_version=text(attributes, c.PRICE_VERSION),
        usage_source=usage_source,
        usage_rule=None,
        response_id=text(attributes, c.RESPONSE_ID),
        is_llm_call=is_llm_call,
        billing=billing_of(cost_usd, used=used, refused=refused) if is_llm_call else None,
        simulated=attributes.get(c.SIMULATED) is True,
        request_id=text(attributes, c.REQUEST_ID),
        session_id=text(attributes, c.SESSION_ID),
        user_id=text(attributes, c.USER_ID),
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


def _oddities(span: Span, landed_ns: int) -> tuple[str, ...]:
    """What is strange about a span that is kept all the same, by the names `oddities` answers with."""
    start_ns, end_ns = span.start_time_unix_nano, span.end_time_unix_nano
    found: list[str] = []
    if end_ns < start_ns:
        found.append(ENDS_BEFORE_START)
    if end_ns > LAST_NS:
        found.append(ENDS_TOO_LATE)
    if start_ns < EARLIEST_LIKELY_NS:
        found.append(STARTS_LONG_AGO)
    if start_ns > landed_ns + CLOCK_TOLERANCE_NS:
        found.append(STARTS_IN_FUTURE)
    if span.ByteSize() > LARGE_BYTES:
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
