"""What a test looks at: calls and stages of the spans, and the server's side of them."""

import asyncio

from composite_llm import conventions as c

QUESTION = [{"role": "user", "content": "Why is the sky blue?"}]
GPT, MINI, SONNET = "sim/openai/gpt-4o", "sim/openai/gpt-4o-mini", "sim/anthropic/claude-sonnet-4-5"
NANO = "sim/openai/gpt-4.1-nano"
MOA, DIRECT, COUNCIL = (f"composite/{name}/{GPT}" for name in ("moa", "direct", "council"))


def calls(spans, role):
    """Spans of the calls in a role, in the order the strategy asked."""
    found = [span for span in spans.get_finished_spans() if span.attributes.get(c.CALL_ROLE) == role]
    return sorted(found, key=lambda span: (span.attributes[c.CALL_INDEX], span.attributes[c.CALL_ATTEMPT]))


def outcomes(spans, role):
    return [span.attributes[c.CALL_OUTCOME] for span in calls(spans, role)]


def stage(spans, name):
    [span] = [span for span in spans.get_finished_spans() if span.attributes.get(c.STAGE_NAME) == name]
    return span


def request(spans):
    [span] = [span for span in spans.get_finished_spans() if span.attributes[c.SPAN_TYPE] == c.REQUEST]
    return span


def asked(server, model):
    """Bodies of the requests for a model, in the order in which they ended."""
    return [record.body for record in server.requests if record.model.endswith(f"/{model}")]


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)
