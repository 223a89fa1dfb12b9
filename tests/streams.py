"""Streams over real HTTP, read to their end or left."""

import asyncio
from dataclasses import dataclass

from composite_llm import conventions as c

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"


def told(**directive):
    """Tells the simulator how to answer the final call."""
    return {"extra_body": {"simulator": directive}}


@dataclass
class Streamed:
    """What a client got."""

    chunks: list

    def deltas(self, index=0):
        return [choice.delta for chunk in self.chunks for choice in chunk.choices if choice.index == index]

    def joined(self, name, index=0):
        return "".join(getattr(delta, name, None) or "" for delta in self.deltas(index))

    @property
    def text(self):
        return self.joined("content")

    @property
    def reasoning(self):
        return self.joined("reasoning_content")

    @property
    def finish_reasons(self):
        reasons = [choice.finish_reason for chunk in self.chunks for choice in chunk.choices]
        return [reason for reason in reasons if reason]

    @property
    def usage(self):
        """As a client finds it: on the last chunk, or among its hidden parameters when it was not asked for."""
        last = self.chunks[-1]
        return getattr(last, "usage", None) or last._hidden_params["usage"]


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


def finished(spans, kind):
    return [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == kind]


def by_role(spans, role):
    return [span for span in spans.get_finished_spans() if span.attributes.get(c.CALL_ROLE) == role]
