"""One Mixture of Agents with six proposers, and the same seven calls by LiteLLM alone.

What a request adds is what it takes beyond its longest path as the model server has it. Most of that is LiteLLM's and
its HTTP client's, and how much the second one says.
"""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import litellm
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, format_trace_id

import composite_llm
from benchmarks.model_server import ModelServer
from composite_llm import telemetry

DELAYS = {
    "gpt-4o-mini": 0.12,
    "claude-sonnet-4-5": 0.2,
    "gemini-2.5-flash": 0.15,
    "gpt-4.1-mini": 0.13,
    "deepseek-chat": 0.22,
    "gpt-4.1": 0.18,
    "gpt-4o": 0.3,
}
"""Seconds of each model: short, since what is added does not depend on them."""
PROPOSERS = [
    "openai/gpt-4o-mini",
    "anthropic/claude-sonnet-4-5",
    "gemini/gemini-2.5-flash",
    "openai/gpt-4.1-mini",
    "deepseek/deepseek-chat",
    "openai/gpt-4.1",
]
AGGREGATOR = "openai/gpt-4o"
UNTIL_FIRST_WORD = 1 / 3
"""Of the time that a model of the simulator has; in the rest it writes."""
QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
TOLD = {"simulator": {"content": " ".join(["word"] * 20)}}
"""What the aggregator says: a hundred words a second."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a request took, in seconds."""

    trace: str
    whole: float
    first_word: float
    processor: float
    """Of all threads of this process: what is left to compare on a machine that others use, too."""

    def added(self, server: ModelServer) -> float:
        *proposers, aggregator = server.visits(self.trace)
        return self.whole - max(visit.seconds for visit in proposers) - aggregator.seconds

    def added_to_first_word(self, server: ModelServer) -> float:
        *proposers, _ = server.visits(self.trace)
        ideal = max(visit.seconds for visit in proposers) + DELAYS["gpt-4o"] * UNTIL_FIRST_WORD
        return self.first_word - ideal


async def composite(seed: int, *, stream: bool = False) -> Taken:
    span = _new_trace()
    began, processor = time.monotonic(), time.process_time()
    with telemetry.current(span):
        answer = await composite_llm.acompletion(
            f"composite/moa/sim/{AGGREGATOR}",
            QUESTION,
            proposers=[f"sim/{model}" for model in PROPOSERS],
            seed=seed,
            stream=stream,
            extra_body=TOLD,
        )
    first_word = await _read(answer) if stream else time.monotonic()
    ended = time.monotonic() - began
    return Taken(_trace(span), ended, first_word - began, time.process_time() - processor)


async def bare(seed: int, url: str, *, stream: bool = False) -> Taken:
    """The calls as somebody would make them who needs no books: no spans, no limits, no receipt."""
    span = _new_trace()
    common: Mapping[str, Any] = {
        "api_base": url,
        "api_key": "any",
        "max_retries": 0,
        "timeout": 600.0,
        "extra_headers": telemetry.outgoing(span),
    }
    began, processor = time.monotonic(), time.process_time()
    answers = await asyncio.gather(
        *(
            litellm.acompletion(_served(model), QUESTION, temperature=0.7, seed=seed + index, **common)
            for index, model in enumerate(PROPOSERS)
        )
    )
    texts = "\n\n".join(answer.choices[0].message.content for answer in answers)
    reading = [{"role": "system", "content": texts}, *QUESTION]
    answer = await litellm.acompletion(
        _served(AGGREGATOR), reading, seed=seed, stream=stream, extra_body=TOLD, **common
    )
    first_word = await _read(answer) if stream else time.monotonic()
    ended = time.monotonic() - began
    return Taken(_trace(span), ended, first_word - began, time.process_time() - processor)


async def _read(stream: Any) -> float:
    """The moment of the first word, once the last one is there."""
    first_word = 0.0
    async for chunk in stream:
        if not first_word and chunk.choices and chunk.choices[0].delta.content:
            first_word = time.monotonic()
    return first_word


def _served(model: str) -> str:
    """By the simulator, under its own name."""
    return f"openai/{model.partition('/')[2]}"


def _new_trace() -> NonRecordingSpan:
    trace_id, span_id = random.getrandbits(128), random.getrandbits(64)
    flags = TraceFlags(TraceFlags.SAMPLED)
    return NonRecordingSpan(SpanContext(trace_id, span_id, is_remote=False, trace_flags=flags))


def _trace(span: NonRecordingSpan) -> str:
    return format_trace_id(span.get_span_context().trace_id)
