"""Do proposers really run side by side, and what does a request add to the calls it makes? Alone, whole and streamed,
and as one of 200 in a process, which has one thread for all of them and LiteLLM."""

import asyncio
import os
from collections.abc import Callable, Sequence
from statistics import median

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import composite_llm
from benchmarks import at_once
from benchmarks.figures import Figure
from benchmarks.model_server import ModelServer, model_server
from benchmarks.panel import DELAYS, Taken, bare, composite
from composite_llm import conventions as c
from composite_llm import telemetry

RUNS = 10
Added = Callable[[Taken, ModelServer], float]


def measure() -> list[Figure]:
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    telemetry.use_tracer_provider(provider)
    composite_llm.register()
    with model_server(DELAYS) as server:
        os.environ["COMPOSITE_LLM_SIMULATOR"] = server.url
        figures = asyncio.run(_measured(server, memory))
    del os.environ["COMPOSITE_LLM_SIMULATOR"]
    return figures


async def _measured(server: ModelServer, memory: InMemorySpanExporter) -> list[Figure]:
    for seed in range(2):  # LiteLLM loads much with its first calls
        await composite(seed, stream=bool(seed))
        await bare(seed, server.url, stream=bool(seed))
    memory.clear()
    whole = [(await composite(seed), await bare(seed, server.url)) for seed in range(RUNS)]
    spans = memory.get_finished_spans()
    streamed = [
        (await composite(seed, stream=True), await bare(seed, server.url, stream=True))
        for seed in range(RUNS)
    ]
    return [
        *_by_spans(spans),
        _beside("added to the longest path, as the server has it, N=6", whole, server, Taken.added),
        _beside("processor time of the request", whole, server, lambda taken, _: taken.processor),
        _beside("added, streamed, until the last word", streamed, server, Taken.added),
        _beside("added, streamed, until the first word", streamed, server, Taken.added_to_first_word),
        *await at_once.measured(server, memory.clear),
    ]


def _beside(what: str, pairs: Sequence[tuple[Taken, Taken]], server: ModelServer, added: Added) -> Figure:
    ours, alone = (median(added(taken, server) * 1000 for taken in side) for side in zip(*pairs, strict=True))
    return Figure(what, f"{ours:.1f} ms; LiteLLM alone {alone:.1f} ms")


def _by_spans(spans: tuple[ReadableSpan, ...]) -> list[Figure]:
    stages = [span for span in spans if span.attributes.get(c.STAGE_KIND) == "propose"]
    ratios = [_seconds(stage) / max(map(_seconds, _below(stage, spans))) for stage in stages]
    requests = [span for span in spans if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    added = [_seconds(request) - _ideal(request, spans) for request in requests]
    return [
        Figure(
            "proposer stage ÷ its slowest call, N=6",
            f"{median(ratios):.3f} (worst of {RUNS}: {max(ratios):.3f})",
            "≤ 1.15",
        ),
        Figure(
            "added to the calls on the longest path, by their spans, N=6",
            f"{median(added) * 1000:.1f} ms a request",
            "≤ 10 ms",
        ),
    ]


def _ideal(request: ReadableSpan, spans: tuple[ReadableSpan, ...]) -> float:
    """The request with nothing but its slowest proposer and its aggregator."""
    return sum(max(map(_seconds, _below(stage, spans))) for stage in _below(request, spans))


def _below(parent: ReadableSpan, spans: tuple[ReadableSpan, ...]) -> list[ReadableSpan]:
    return [span for span in spans if span.parent and span.parent.span_id == parent.context.span_id]


def _seconds(span: ReadableSpan) -> float:
    return (span.end_time - span.start_time) / 1e9
