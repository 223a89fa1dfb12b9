"""Do proposers really run side by side, and what does the engine add to the calls it makes?"""

import asyncio
import os
from statistics import median

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import composite_llm
from benchmarks.figures import Figure
from composite_llm import conventions as c
from composite_llm import telemetry
from composite_llm.simulator import Simulator

RUNS = 10
PROPOSERS = [
    "sim/openai/gpt-4o",
    "sim/openai/gpt-4o-mini",
    "sim/anthropic/claude-sonnet-4-5",
    "sim/gemini/gemini-2.5-flash",
    "sim/deepseek/deepseek-chat",
    "sim/openai/gpt-4.1",
]


def measure() -> list[Figure]:
    memory = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(memory))
    telemetry.use_tracer_provider(provider)
    composite_llm.register()
    with Simulator() as simulator:
        os.environ["COMPOSITE_LLM_SIMULATOR"] = simulator.url
        asyncio.run(_requests())
    del os.environ["COMPOSITE_LLM_SIMULATOR"]
    return _figures(memory.get_finished_spans())


async def _requests() -> None:
    for seed in range(RUNS + 1):
        messages = [{"role": "user", "content": "Why is the sky blue?"}]
        await composite_llm.acompletion(
            f"composite/moa/{PROPOSERS[0]}", messages, proposers=PROPOSERS, seed=seed
        )


def _figures(spans: tuple[ReadableSpan, ...]) -> list[Figure]:
    stages = [span for span in spans if _is(span, "propose")][1:]  # the first one warms up
    ratios = [_seconds(stage) / max(map(_seconds, _calls(stage, spans))) for stage in stages]
    requests = [span for span in spans if span.attributes[c.SPAN_TYPE] == c.REQUEST][1:]
    added = [_seconds(request) - _ideal(request, spans) for request in requests]
    return [
        Figure(
            "proposer stage ÷ its slowest call, N=6",
            f"{median(ratios):.3f} (worst of {RUNS}: {max(ratios):.3f})",
            "≤ 1.15",
        ),
        Figure(
            "added to the calls on the longest path, N=6",
            f"{median(added) * 1000:.1f} ms a request",
            "≤ 10 ms",
        ),
    ]


def _ideal(request: ReadableSpan, spans: tuple[ReadableSpan, ...]) -> float:
    """The request with nothing but its slowest proposer and its aggregator."""
    stages = [span for span in spans if span.parent and span.parent.span_id == request.context.span_id]
    return sum(max(map(_seconds, _calls(stage, spans))) for stage in stages)


def _calls(stage: ReadableSpan, spans: tuple[ReadableSpan, ...]) -> list[ReadableSpan]:
    return [span for span in spans if span.parent and span.parent.span_id == stage.context.span_id]


def _is(span: ReadableSpan, stage_kind: str) -> bool:
    return span.attributes.get(c.STAGE_KIND) == stage_kind


def _seconds(span: ReadableSpan) -> float:
    return (span.end_time - span.start_time) / 1e9
