"""The same answer with less in it, or with other words: what the client gets where more was said than is its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from composite_llm.engine.calls import Reply
from composite_llm.tools.calls import ToolCall, without_calls


def without(reply: Reply, inside: Sequence[ToolCall]) -> Reply:
    """The answer with only its other calls."""
    choice, *others = reply.answer.choices
    shown = without_calls(choice.message, inside)
    kept = {call["id"] for call in shown.get("tool_calls", ())}
    reason = choice.finish_reason if kept else "stop"
    response = reply.answer.response.model_copy(deep=True)
    first = response.choices[0]
    first.message.tool_calls = [call for call in first.message.tool_calls or () if call.id in kept] or None
    first.finish_reason = reason
    choices = [replace(choice, message=shown, finish_reason=reason), *others]
    return replace(reply, answer=replace(reply.answer, response=response, choices=choices))


def saying(reply: Reply, fields: Mapping[str, str | None]) -> Reply:
    """The answer with these fields of its message; None is none at all."""
    choice, *others = reply.answer.choices
    response = reply.answer.response.model_copy(deep=True)
    message, said = response.choices[0].message, dict(choice.message)
    for name, text in fields.items():
        said.pop(name, None)
        if text is not None or name == "content":  # which LiteLLM's message always has
            setattr(message, name, text)
            said[name] = text
        elif hasattr(message, name):
            delattr(message, name)
    choices = [replace(choice, message=said), *others]
    return replace(reply, answer=replace(reply.answer, response=response, choices=choices))
