"""Thoughts of a model that takes no tools: between `<think>` and `</think>`, at the start of what it says."""

import re
import uuid
from typing import TYPE_CHECKING

import litellm

from composite_llm import telemetry
from composite_llm.content import Message
from composite_llm.engine.calls import Reply
from composite_llm.errors import CallFailed
from composite_llm.request.groups import Groups
from composite_llm.request.route import COMPOSITE_PREFIX
from composite_llm.tools.box import THINK
from composite_llm.tools.replies import saying
from composite_llm.tools.speech import BETWEEN_TURNS

if TYPE_CHECKING:
    from composite_llm.engine.stage import Stage

_BLOCK = re.compile(r"\s*<think>(.*?)(?:</think>|\Z)", re.DOTALL)


def takes_tools(model: str, groups: Groups) -> bool:
    """As far as LiteLLM's table knows: of a model that is not in it nobody does, so it is taken to."""
    if model.startswith(COMPOSITE_PREFIX) or groups.composite(model):
        return True
    ways = groups.ways(model)
    if any(way.program for way in ways):
        return False
    entries = [
        litellm.model_cost.get(f"{way.provider}/{way.model}") or litellm.model_cost.get(way.model)
        for way in ways
    ]
    return all(entry is None or bool(entry.get("supports_function_calling")) for entry in entries)


def split(message: Message) -> tuple[list[str], str]:
    """Thoughts, and what is said after them; thoughts without an end are all there is.

    LiteLLM itself takes a first block away, and gives it out as `reasoning_content`.
    """
    text, thoughts = str(message.get("content") or ""), [str(message.get("reasoning_content") or "")]
    while block := _BLOCK.match(text):
        thoughts.append(block[1])
        text = text[block.end() :]
    return [thought.strip() for thought in thoughts if thought.strip()], text.lstrip()


def without_thoughts(stage: "Stage", reply: Reply, *, exposed: bool) -> Reply:
    """The answer alone, each thought a span of `stage`; with `exposed` they are told, too, as reasoning.

    Raises CallFailed where there are thoughts and nothing else.
    """
    thoughts, text = split(reply.answer.message)
    if not thoughts:
        return reply
    for place, thought in enumerate(thoughts):
        _record(stage, thought, place)
    if not text and not reply.answer.message.get("tool_calls"):
        call = reply.call
        raise CallFailed(call.role, call.model, "empty", "wrote down thoughts and no answer")
    told = BETWEEN_TURNS.join(thoughts) if exposed else None
    return saying(reply, {"content": text or None, "reasoning_content": told})


def _record(stage: "Stage", thought: str, place: int) -> None:
    span = telemetry.tool_span(
        stage.run.identity, stage.span, name=THINK, call_id=uuid.uuid4().hex, thinks=True
    )
    telemetry.write_thought(span, thought, place, after_tool=False)
    telemetry.write_tool_output(span, "")
    span.end()
