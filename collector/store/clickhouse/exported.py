"""Spans that the OpenTelemetry Collector's ClickHouse exporter wrote, as the OTLP they once were.

They take the same way in as every other span: dialects, usage and repeated deliveries are understood by code
that no view could hold. The exporter writes every attribute as text, so the few that questions reckon with
are read back as what they were; the others stay text.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pyarrow as pa
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

from collector.dialects.table import KEYS
from collector.store import statements
from collector.store.clickhouse.connection import ClickhouseConnection
from composite_llm import conventions as c

MOST_AT_ONCE = 2000
DAY_NS = 86_400 * 10**9

RECKONED_WITH = (
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "cost_usd",
)
NUMBERS: Final = frozenset(
    {c.STAGE_INDEX, c.CALL_INDEX, c.CALL_ATTEMPT, c.CACHE_CREATION_TOKENS}
    | {key for column in RECKONED_WITH for keys in KEYS[column].values() for key in keys}
)
FLAGS: Final = frozenset({c.SIMULATED})
LISTS: Final = frozenset(key for keys in KEYS["tags"].values() for key in keys)


class ExportedSpans:
    """A table of the exporter's, in any database of the server."""

    def __init__(
        self, connection: ClickhouseConnection, database: str, table: str, *, retention_days: int
    ) -> None:
        self._connection = connection
        self._table = {"database": database, "table": table}
        self._retention_days = retention_days

    def days(self) -> list[tuple[int, int]]:
        """The days the table has spans of, from and until, the newest first."""
        found = self._asked("days", retention_days=self._retention_days)["since_ns"].to_pylist()
        return [(since_ns, since_ns + DAY_NS) for since_ns in found]

    def waiting(self, since_ns: int, until_ns: int) -> ExportTraceServiceRequest:
        """The earliest spans of that time that are not stored yet; empty where none is left."""
        bounds = {"since_ns": since_ns, "until_ns": until_ns, "most": MOST_AT_ONCE}
        return _request(self._asked("new_spans", **bounds).to_pylist())

    def _asked(self, name: str, **parameters: object) -> pa.Table:
        statement = (statements.CLICKHOUSE / "exported" / f"{name}.sql").read_text()
        return self._connection.query(statement, self._table | parameters, {})


def _request(rows: Iterable[dict[str, Any]]) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    scopes: dict[tuple[object, ...], ScopeSpans] = {}
    for row in rows:
        source = (tuple(sorted(row["resource"])), row["scope_name"], row["scope_version"])
        if source not in scopes:
            spans = request.resource_spans.add()
            spans.resource.attributes.extend(_key_values(dict(row["resource"])))
            scopes[source] = spans.scope_spans.add()
            scopes[source].scope.name = row["scope_name"]
            scopes[source].scope.version = row["scope_version"]
        scopes[source].spans.append(_span(row))
    return request


def _span(row: dict[str, Any]) -> Span:
    return Span(
        trace_id=bytes.fromhex(row["trace_id"]),
        span_id=bytes.fromhex(row["span_id"]),
        parent_span_id=_id(row["parent_span_id"]),
        trace_state=row["trace_state"],
        name=row["name"],
        kind=_named(Span.SpanKind.items(), "SPAN_KIND_", row["kind"]),
        start_time_unix_nano=row["start_ns"],
        end_time_unix_nano=row["start_ns"] + row["duration_ns"],
        attributes=_key_values(dict(row["attributes"])),
        status=Status(
            code=_named(Status.StatusCode.items(), "STATUS_CODE_", row["status_code"]),
            message=row["status_message"],
        ),
        events=[
            Span.Event(time_unix_nano=at_ns, name=name, attributes=_key_values(dict(attributes)))
            for at_ns, name, attributes in zip(
                row["event_ns"], row["event_names"], row["event_attributes"], strict=True
            )
        ],
        links=[
            Span.Link(
                trace_id=_id(trace_id),
                span_id=_id(span_id),
                trace_state=trace_state,
                attributes=_key_values(dict(attributes)),
            )
            for trace_id, span_id, trace_state, attributes in zip(
                row["link_trace_ids"],
                row["link_span_ids"],
                row["link_trace_states"],
                row["link_attributes"],
                strict=True,
            )
        ],
    )


def _id(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _named(values: Iterable[tuple[str, int]], prefix: str, given: str) -> Any:
    """The exporter writes `Client`; its first versions wrote `SPAN_KIND_CLIENT`."""
    known = {name.removeprefix(prefix): value for name, value in values}
    return known.get(given.upper().removeprefix(prefix), 0)


def _key_values(attributes: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=_value(key, text)) for key, text in attributes.items()]


def _value(key: str, text: str) -> AnyValue:
    if key in NUMBERS:
        return _number(text)
    if key in FLAGS and text in ("true", "false"):
        return AnyValue(bool_value=text == "true")
    if key in LISTS and text.startswith("["):
        return _list(text)
    return AnyValue(string_value=text)


def _number(text: str) -> AnyValue:
    try:
        return AnyValue(int_value=int(text))
    except ValueError:
        pass
    try:
        return AnyValue(double_value=float(text))
    except ValueError:
        return AnyValue(string_value=text)


def _list(text: str) -> AnyValue:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError):
        return AnyValue(string_value=text)
    texts = [AnyValue(string_value=item if isinstance(item, str) else json.dumps(item)) for item in items]
    return AnyValue(array_value=ArrayValue(values=texts))
