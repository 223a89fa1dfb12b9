"""Synthetic traffic: MoA traces of eight spans with prompts of 1.5 kB, as OTLP bodies of 512 spans.

Words are drawn evenly, and unless `asked_alike` every call has a prompt of its own, which is the worst for a store: a
real MoA asks its proposers the same, and its aggregator with their answers.
"""

import json
import random
import time
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from composite_llm import conventions as c

SPANS_PER_TRACE = 8
SPANS_PER_BODY = 512
WORDS = [f"word{number}" for number in range(5000)]
MODELS = [
    "openai/gpt-4o",
    "openai/gpt-4o-mini",
    "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-flash",
    "deepseek/x",
]


def bodies(spans: int, *, days: float = 7.0, seed: int = 1, asked_alike: bool = False) -> Iterator[bytes]:
    """About `spans` spans, spread over the last `days`, oldest first."""
    chance = random.Random(seed)
    traces = spans // SPANS_PER_TRACE
    first = time.time_ns() - int(days * 86_400e9)
    step = int(days * 86_400e9) // max(traces, 1)
    for start in range(0, traces, SPANS_PER_BODY // SPANS_PER_TRACE):
        request = ExportTraceServiceRequest()
        resource = request.resource_spans.add()
        resource.resource.attributes.append(_attribute("service.name", "benchmark"))
        scope = resource.scope_spans.add()
        for number in range(start, min(start + SPANS_PER_BODY // SPANS_PER_TRACE, traces)):
            scope.spans.extend(_trace(chance, first + number * step, asked_alike))
        yield request.SerializeToString()


def _trace(chance: random.Random, start_ns: int, asked_alike: bool) -> list[Span]:
    """A request, a propose stage with four calls, an aggregate stage with one."""
    trace_id = chance.randbytes(16)
    common = {c.STRATEGY: chance.choice(["moa", "council", "direct"]), c.REQUEST_ID: trace_id.hex()}
    asked = common | {c.SPAN_TYPE: c.REQUEST, c.INPUT_VALUE: _messages(chance, words=40)}
    root = _span(chance, trace_id, b"", "invoke_workflow", start_ns, 9.0, asked)
    propose = _span(
        chance, trace_id, root.span_id, "stage moa.layer1", start_ns, 5.0, common | {c.SPAN_TYPE: c.STAGE}
    )
    aggregate = _span(
        chance,
        trace_id,
        root.span_id,
        "stage moa.aggregate",
        start_ns + 5 * 10**9,
        4.0,
        common | {c.SPAN_TYPE: c.STAGE},
    )
    prompt = _prompt(chance) if asked_alike else None
    calls = [
        _call(chance, trace_id, propose.span_id, start_ns, model, common, prompt) for model in MODELS[:4]
    ]
    if prompt:
        answers = [
            pair.value.string_value
            for call in calls
            for pair in call.attributes
            if pair.key == c.OUTPUT_VALUE
        ]
        prompt = json.dumps([{"role": "system", "content": "\n".join(answers)}, *json.loads(prompt)])
    final = _call(chance, trace_id, aggregate.span_id, start_ns + 5 * 10**9, MODELS[0], common, prompt)
    return [*calls, propose, final, aggregate, root]


def _call(
    chance: random.Random,
    trace_id: bytes,
    parent: bytes,
    start_ns: int,
    model: str,
    common: dict[str, str],
    prompt: str | None,
) -> Span:
    attributes = common | {
        c.SPAN_TYPE: c.LLM_CALL,
        c.OPERATION: "chat",
        c.LITELLM_MODEL: model,
        c.CALL_ROLE: "proposer",
        c.CALL_OUTCOME: "ok",
        c.INPUT_TOKENS: chance.randint(200, 2000),
        c.OUTPUT_TOKENS: chance.randint(50, 500),
        c.COST_USD: chance.random() / 100,
        c.INPUT_VALUE: prompt or _prompt(chance),
        c.OUTPUT_VALUE: " ".join(chance.choices(WORDS, k=30)),
    }
    return _span(chance, trace_id, parent, f"chat {model}", start_ns, chance.uniform(0.5, 4.0), attributes)


def _prompt(chance: random.Random) -> str:
    return _messages(chance, words=190)


def _messages(chance: random.Random, words: int) -> str:
    return json.dumps([{"role": "user", "content": " ".join(chance.choices(WORDS, k=words))}])


def _span(
    chance: random.Random,
    trace_id: bytes,
    parent: bytes,
    name: str,
    start_ns: int,
    seconds: float,
    attributes: dict,
) -> Span:
    return Span(
        trace_id=trace_id,
        span_id=chance.randbytes(8),
        parent_span_id=parent,
        name=name,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + int(seconds * 1e9),
        attributes=[_attribute(key, value) for key, value in attributes.items()],
    )


def _attribute(key: str, value: str | float) -> KeyValue:
    kinds = {str: "string_value", int: "int_value", float: "double_value"}
    return KeyValue(key=key, value=AnyValue(**{kinds[type(value)]: value}))
