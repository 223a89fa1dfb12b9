"""The columns of the `spans` table, once, on the Python side.

The Arrow schema follows from `SpanRow`, and the table is filled by name, so a new column is one line here
and one in the table's definition.
"""

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple, get_type_hints

import pyarrow as pa


class SpanRow(NamedTuple):
    trace_id: str
    span_id: str
    parent_span_id: str | None
    start_ns: int
    duration_ns: int
    name: str
    kind: int
    status_code: int
    status_message: str | None
    service_name: str | None
    scope_name: str
    scope_version: str
    scope_id: str
    resource_id: str
    dialect: str | None
    span_type: str | None
    operation: str | None
    provider: str | None
    model: str | None
    strategy: str | None
    model_name: str | None
    role: str | None
    stage_kind: str | None
    stage_name: str | None
    stage_index: int | None
    call_index: int | None
    attempt: int | None
    outcome: str | None
    error_type: str | None
    input_tokens: int | None
    output_tokens: int | None
    cached_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    cost_source: str | None
    price_version: str | None
    usage_source: str | None
    usage_rule: str | None
    response_id: str | None
    is_llm_call: bool
    billing: str | None
    simulated: bool
    request_id: str | None
    session_id: str | None
    user_id: str | None
    tags: tuple[str, ...]
    question: str | None
    input_value: str | None
    output_value: str | None
    input_messages: str | None
    output_messages: str | None
    attributes: str
    events: str | None
    links: str | None
    trace_state: str | None
    flags: int
    dropped_attributes: int
    dropped_events: int
    dropped_links: int
    oddities: tuple[str, ...]
    landed_ns: int
    otlp: bytes | None


ARROW_TYPES = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
    bytes: pa.binary(),
    tuple[str, ...]: pa.list_(pa.string()),
}


def _arrow_type(hint: object) -> pa.DataType:
    [plain] = {kind for kind in ARROW_TYPES if hint == kind or hint == kind | None}
    return ARROW_TYPES[plain]


@cache
def arrow_schema(row: type[NamedTuple]) -> pa.Schema:
    return pa.schema([(name, _arrow_type(hint)) for name, hint in get_type_hints(row).items()])


def arrow_table(row: type[NamedTuple], rows: Iterable[tuple[object, ...]]) -> pa.Table:
    """Rows of the class `row`, in its columns."""
    schema = arrow_schema(row)
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def span_table(rows: Iterable[SpanRow]) -> pa.Table:
    return arrow_table(SpanRow, rows)
