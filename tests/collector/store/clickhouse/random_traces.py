"""A few hundred traces nobody wrote by hand: whole and torn, ours and foreign, with gaps in every column.

The same seed makes the same spans, so that two engines can be given them.
"""

import random
from collections.abc import Iterator

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from composite_llm import conventions as c
from tests.otlp_traces import (
    DAY,
    MINUTE,
    NOON,
    call_attributes,
    cost_attributes,
    exception_event,
    link,
    request_attributes,
    span,
    usage_attributes,
)

MODELS = ("openai/gpt-4o", "anthropic/claude-opus", "gemini/flash", "sim/örtlich")
STRATEGIES = ("moa", "council", "rlm")
QUESTIONS = ("Why?", "Wie heißt GRÖSSE?", "100% 'quoted' \\ back\nline", "日本語", "")


def random_traces(seed: int, count: int = 300) -> list[list[Span]]:
    """Several deliveries; spans of a trace come in any of them, some twice, some never."""
    source = random.Random(seed)
    deliveries: list[list[Span]] = [[], [], []]
    for number in range(count):
        for each in _trace(source, 1000 + number):
            fate = source.random()
            if fate < 0.05:
                continue
            source.choice(deliveries).append(each)
            if fate > 0.9:
                source.choice(deliveries).append(each)
    return deliveries


def _trace(source: random.Random, trace: int) -> Iterator[Span]:
    # Whole minutes make many ties in time.
    start_ns = NOON + source.randrange(3 * DAY // MINUTE) * MINUTE
    if source.random() < 0.02:
        start_ns = source.choice((0, 10**9, 4_000_000_000 * 10**9))
    if source.random() < 0.15:
        yield _foreign(source, trace, start_ns)
        return
    strategy = source.choice(STRATEGIES)
    simulated = source.random() < 0.2
    yield span(
        f"invoke_workflow {strategy}",
        trace=trace,
        start_ns=start_ns,
        duration_ms=source.choice((0, 500, 1000, 90_000)),
        error="it failed" if source.random() < 0.1 else None,
        attributes=request_attributes(
            strategy,
            trace=trace,
            question=source.choice(QUESTIONS),
            model_name=f"composite/{strategy}/{source.choice(MODELS)}",
            simulated=simulated,
            answer=source.choice(("Because.", None)),
        )
        | source.choice(({}, {c.TRACE_TAGS: ["b", "a"], c.SESSION_ID: "session", c.USER_ID: "jürgen"})),
    )
    for index in range(source.randrange(5)):
        yield _call(source, trace, index, strategy, start_ns, simulated)


def _call(
    source: random.Random, trace: int, index: int, strategy: str, start_ns: int, simulated: bool
) -> Span:
    failed = source.random() < 0.15
    usage = {} if failed else usage_attributes(source.randrange(1000), source.randrange(200), cached=7)
    attributes = call_attributes(
        source.choice(MODELS),
        source.choice(("proposer", "aggregator")),
        strategy,
        trace=trace,
        index=index,
        simulated=simulated,
        outcome="error" if failed else "ok",
        answer=None if failed else "Answer.",
    )
    return span(
        "chat",
        trace=trace,
        number=2 + index,
        parent=source.choice((1, 99, None)),
        start_ns=start_ns,
        start_ms=source.choice((0, 1, 250)),
        duration_ms=source.choice((1, 333.25, 1000)),
        kind=Span.SPAN_KIND_CLIENT,
        error="quota" if failed else None,
        attributes=attributes | usage | cost_attributes(source.choice((None, 1, 25))),
        events=[exception_event("Quota", "used up")] if failed else (),
        links=[link(trace, 1)] if source.random() < 0.3 else (),
    )


def _foreign(source: random.Random, trace: int, start_ns: int) -> Span:
    model = source.choice(({}, {c.REQUEST_MODEL: "gpt-4o-mini"}))
    bare = {"raw": b"\xff\x00", "nested": {"list": [1, 2.5, None, True]}, "text": "plain", "a/b~c": "1=2"}
    return span(
        source.choice(("chat", "GET /", "")),
        trace=trace,
        start_ns=start_ns,
        duration_ms=source.choice((0, 700)),
        attributes=source.choice((bare, {c.OPERATION: "chat", c.INPUT_TOKENS: 70} | model, {})),
    )
