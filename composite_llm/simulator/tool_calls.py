"""When the simulated model calls a tool, which one, and with what arguments."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from composite_llm.simulator.chance import seeded
from composite_llm.simulator.prose import Writer
from composite_llm.simulator.question import is_references, question_of
from composite_llm.simulator.request import ChatRequest, Tool
from composite_llm.simulator.schema import SchemaDraw


@dataclass(frozen=True, slots=True)
class ToolCall:
    id: str
    name: str
    arguments: str
    """JSON."""

    def as_json(self) -> dict[str, Any]:
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": self.id, "type": "function", "function": function}


def tools_to_call(request: ChatRequest) -> list[Tool]:
    """The tools this request calls for: none after a tool has answered, else those chosen or mentioned."""
    if request.messages[-1].role in ("tool", "function") or request.tool_choice == "none":
        return []
    chosen = [tool for tool in request.tools if request.tool_choice == f"<{tool.name}>"]
    if chosen:
        return chosen
    asked = _asked(request)
    mentioned = [tool for tool in request.tools if _mentions(asked, tool.name)]
    if request.tool_choice == "required" and not mentioned:
        mentioned = list(request.tools[:1])
    return mentioned[:1] if request.body.get("parallel_tool_calls") is False else mentioned


def given_calls(given: Iterable[tuple[str, str]], *key: object) -> tuple[ToolCall, ...]:
    """Calls that a directive gives: names and arguments."""
    return tuple(
        ToolCall(f"call_{seeded('tool', place, *key).getrandbits(96):024x}", name, arguments)
        for place, (name, arguments) in enumerate(given)
    )


def tool_calls(tools: Iterable[Tool], writer: Writer, *key: object) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    for place, tool in enumerate(tools):
        chance = seeded("tool", place, *key)
        arguments = SchemaDraw({"type": "object", **tool.parameters}, chance, lambda _: writer.term()).draw()
        calls.append(ToolCall(f"call_{chance.getrandbits(96):024x}", tool.name, json.dumps(arguments)))
    return tuple(calls)


def _asked(request: ChatRequest) -> str:
    """The last user turn; of one that carries references only the question, for those may say any word."""
    last = next((m.content for m in reversed(request.messages) if m.role == "user"), "")
    return question_of(request.messages) if is_references(last) else last


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text, re.IGNORECASE) is not None
