"""Traces of any length: recursions of nodes, their code and the calls it made, and chains of one child each."""

import random
import time
from collections.abc import Iterator
from itertools import islice

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from composite_llm import conventions as c

MS = 1_000_000
SPANS_PER_BODY = 2000
CALLS_PER_CELL = 12
MODELS = ("openai/gpt-4o", "openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash")


def recursion(trace_id: bytes, spans: int, *, seed: int = 1) -> Iterator[bytes]:
    """OTLP bodies of one trace of exactly `spans` spans that started a minute ago."""
    return _bodies(_recursion(trace_id, spans, random.Random(seed)))


def chain(trace_id: bytes, spans: int) -> Iterator[bytes]:
    """Each span is the only child of the one before it."""
    start = time.time_ns() - 60_000 * MS

    def links() -> Iterator[Span]:
        for number in range(1, spans + 1):
            length = (2 * spans - number) * MS
            yield _span(trace_id, number, number - 1, f"node {number}", start + number * MS // 2, length, {})

    return _bodies(links())


def _recursion(trace_id: bytes, spans: int, chance: random.Random) -> Iterator[Span]:
    start, common = time.time_ns() - 3_600_000 * MS, {c.STRATEGY: "rlm", c.REQUEST_ID: trace_id.hex()}
    moment, number = start, 1
    while number < spans:
        cell, moment = number + 1, moment + 5 * MS
        number += 1
        began = moment
        for index in range(min(CALLS_PER_CELL, spans - number)):
            number += 1
            length = chance.randint(200, 4000) * MS
            yield _call(trace_id, number, cell, index, moment, length, chance, common)
            moment += length if index % 3 == 0 else 20 * MS
        kind = common | {c.SPAN_TYPE: c.REPL_EXEC}
        yield _span(trace_id, cell, 1, f"execute_code {cell}", began, moment - began + 4000 * MS, kind)
    asked = common | {c.SPAN_TYPE: c.REQUEST, c.MODEL_NAME: "composite/rlm"}
    yield _span(trace_id, 1, 0, "invoke_workflow rlm", start, moment - start + 4000 * MS, asked)


def _call(
    trace_id: bytes,
    number: int,
    parent: int,
    index: int,
    start: int,
    length: int,
    chance: random.Random,
    common: dict[str, object],
) -> Span:
    model = chance.choice(MODELS)
    failed = chance.random() < 0.02
    attributes: dict[str, object] = common | {
        c.SPAN_TYPE: c.LLM_CALL,
        c.OPERATION: c.CHAT,
        c.LITELLM_MODEL: model,
        c.REQUEST_MODEL: model.partition("/")[2],
        c.CALL_ROLE: "sub_query",
        c.CALL_INDEX: index,
        c.CALL_ATTEMPT: 1,
        c.CALL_OUTCOME: "error" if failed else "ok",
        c.INPUT_VALUE: f"What does part {number} of the text say?",
    }
    if not failed:
        attributes |= {
            c.INPUT_TOKENS: chance.randint(500, 9000),
            c.OUTPUT_TOKENS: chance.randint(20, 400),
            c.COST_USD: round(chance.uniform(1e-4, 0.02), 6),
            c.COST_SOURCE: "litellm",
        }
    return _span(trace_id, number, parent, f"chat {model}", start, length, attributes, failed=failed)


def _span(
    trace_id: bytes,
    number: int,
    parent: int,
    name: str,
    start: int,
    length: int,
    attributes: dict[str, object],
    *,
    failed: bool = False,
) -> Span:
    return Span(
        trace_id=trace_id,
        span_id=number.to_bytes(8, "big"),
        parent_span_id=parent.to_bytes(8, "big") if parent else b"",
        name=name,
        start_time_unix_nano=start,
        end_time_unix_nano=start + length,
        attributes=[KeyValue(key=key, value=_value(value)) for key, value in attributes.items()],
        status=Status(code=Status.STATUS_CODE_ERROR, message="the model was overloaded") if failed else None,
    )


def _value(value: object) -> AnyValue:
    match value:
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case _:
            return AnyValue(string_value=str(value))


def _bodies(spans: Iterator[Span]) -> Iterator[bytes]:
    while held := list(islice(spans, SPANS_PER_BODY)):
        request = ExportTraceServiceRequest()
        scope = request.resource_spans.add().scope_spans.add()
        scope.scope.name = c.SCOPE_NAME
        scope.spans.extend(held)
        yield request.SerializeToString()
