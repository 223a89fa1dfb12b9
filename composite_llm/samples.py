"""Sample runs over the offline simulator, for a dashboard that has nothing to show yet.

They take the way of any request: through LiteLLM, over HTTP to a model server, out as
spans. One model there is often too busy, so that retries and a failed member show as well.
"""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from openai import OpenAIError

import composite_llm
from composite_llm.simulator import Simulator

MINI = "sim/openai/gpt-4o-mini"
SONNET = "sim/anthropic/claude-sonnet-4-5"
FLASH = "sim/gemini/gemini-2.5-flash"
DEEPSEEK = "sim/deepseek/deepseek-chat"
GPT = "sim/openai/gpt-4o"
BUSY = "openai/gpt-4.1-nano"
SEED = 1  # without one the simulator answers every sample of a model alike
STEP_S = 0.4  # between the starts of two runs, as requests do not come all at once either
SPEED = 2.0  # twice as fast as the real models, so that a newcomer waits ten seconds and not twenty


@dataclass(frozen=True, slots=True)
class Sample:
    strategy: str
    base_model: str
    question: str
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def title(self) -> str:
        return f"{self.strategy} · {self.question}"


PANEL = [MINI, SONNET, FLASH, DEEPSEEK]

SAMPLES = (  # the longest first, so that the last to start is not long the last to end
    Sample("moa", GPT, "How do vaccines train the immune system?", {"proposers": PANEL, "layers": 3}),
    Sample("council", SONNET, "Why is the sky blue?", {"council_models": [GPT, SONNET, FLASH]}),
    Sample(
        "moa", GPT, "When should a team choose SQL over NoSQL?", {"proposers": [f"{SONNET} × 4"], "window": 3}
    ),
    Sample(
        "council",
        GPT,
        "When should a team choose SQL over NoSQL?",
        {"council_models": [*PANEL, f"sim/{BUSY}"]},
    ),
    Sample("council", GPT, "What makes a good code review?", {"council_models": [GPT, *PANEL]}),
    Sample("moa", GPT, "Why is the sky blue?", {"proposers": PANEL}),
    Sample("moa", SONNET, "Explain how a hash map works.", {"proposers": [MINI, FLASH, f"sim/{BUSY} × 2"]}),
    Sample("direct", SONNET, "How do noise-cancelling headphones work?"),
    Sample("moa", FLASH, "How do noise-cancelling headphones work?", {"proposers": [MINI, DEEPSEEK]}),
    Sample("direct", GPT, "Why is the sky blue?"),
    Sample("moa", MINI, "What makes a good code review?", {"proposers": [f"{MINI} × 5"]}),
    Sample("direct", MINI, "Explain how a hash map works."),
)


async def record() -> AsyncGenerator[Sample]:
    """Run the samples, overlapping; yields each as it ends. A run that fails is recorded like any other."""
    composite_llm.register()
    with Simulator(speed=SPEED, faults={BUSY: "429:0.5"}) as simulator:
        os.environ["COMPOSITE_LLM_SIMULATOR"] = simulator.url
        for run in asyncio.as_completed([_run(sample, start) for start, sample in enumerate(SAMPLES)]):
            yield await run


async def _run(sample: Sample, start: int) -> Sample:
    await asyncio.sleep(start * STEP_S)
    messages = [{"role": "user", "content": sample.question}]
    model = f"composite/{sample.strategy}/{sample.base_model}"
    with suppress(OpenAIError):  # a run that fails is a sample too; its span tells why
        await composite_llm.acompletion(model, messages, seed=SEED, **sample.parameters)
    return sample
