"""How a model acts, and is answered: by code in its words, or by tools. Nothing here runs anything."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from composite_llm.content import Message
from composite_llm.engine.calls import Reply
from composite_llm.recursion.fences import written
from composite_llm.recursion.finishing import Final, final_in
from composite_llm.recursion.prompts import ROOT, ROOT_TOOLS
from composite_llm.recursion.tool_definitions import definitions
from composite_llm.request.prompts import Prompt
from composite_llm.tools.calls import ToolCall, as_sent_back, tool_calls

PYTHON = "python"

NO_CODE = "There was no block of code in that, so nothing was run. Write one that opens with ```repl."
CUT = "The block of code has no end, so it was not run. Write it again, shorter, and close it with ```."
NO_TOOL = "Nothing was called yet, so nothing of the text was looked at. Call a tool."


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do for the model."""

    name: str
    """`python`, or one of the REPL's functions, called directly."""
    code: str = ""
    arguments: Mapping[str, Any] | None = None
    """None where they cannot be read."""
    call: ToolCall | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """What a model's turn comes to."""

    actions: Sequence[Action] = ()
    final: Final | None = None
    said: str | None = None
    """Words that are the answer, since the model calls for nothing more."""
    complaint: str = ""
    """Why there is nothing to do."""


class Interface(Protocol):
    prompt: Prompt

    def parameters(self, *, recursing: bool, may_act: bool = True) -> Mapping[str, Any]:
        """Of a call to the model. `may_act` False: it is to write words, in the same conversation."""
        ...

    def read(self, reply: Reply, *, first: bool) -> Move: ...

    def answered(self, reply: Reply, move: Move, results: Sequence[str], going_on: str) -> list[Message]:
        """The turn and what came of it, as the model reads both next. `results`: of each action. `going_on`: what it
        is told at the end. No two turns of the user stand side by side."""
        ...


class ByCode:
    prompt = ROOT

    def parameters(self, *, recursing: bool, may_act: bool = True) -> Mapping[str, Any]:
        return {}

    def read(self, reply: Reply, *, first: bool) -> Move:
        found = written(reply.text)
        actions = [Action(PYTHON, code) for code in found.code]
        final = final_in(found.words)
        if actions or final:
            return Move(actions, final, complaint=CUT if found.unclosed else "")
        return Move(complaint=CUT if found.unclosed else NO_CODE)

    def answered(self, reply: Reply, move: Move, results: Sequence[str], going_on: str) -> list[Message]:
        parts = [
            f"REPL output{f' (block {number})' if len(results) > 1 else ''}:\n{result}"
            for number, result in enumerate(results, 1)
        ]
        told = "\n\n".join(part for part in (*parts, move.complaint, going_on) if part)
        said = {"role": "assistant", "content": reply.text}
        return [said, {"role": "user", "content": told}]


class ByTools:
    prompt = ROOT_TOOLS

    def parameters(self, *, recursing: bool, may_act: bool = True) -> Mapping[str, Any]:
        # Some providers refuse a conversation with calls in it that comes without their tools.
        chosen = {} if may_act else {"tool_choice": "none"}
        return {"tools": definitions(recursing=recursing), **chosen}

    def read(self, reply: Reply, *, first: bool) -> Move:
        actions = [_action(call) for call in tool_calls(reply.answer.message)]
        if actions:
            return Move(actions)
        final = final_in(reply.text)
        if final:
            return Move(final=final)
        return Move(complaint=NO_TOOL) if first else Move(said=reply.text)

    def answered(self, reply: Reply, move: Move, results: Sequence[str], going_on: str) -> list[Message]:
        calls = [action.call for action in move.actions if action.call]
        if not calls:
            told = "\n\n".join(part for part in (move.complaint, going_on) if part)
            return [{"role": "assistant", "content": reply.text}, {"role": "user", "content": told}]
        *before, last = [call.result(result) for call, result in zip(calls, results, strict=True)]
        return [
            as_sent_back(reply.answer.message),
            *before,
            {**last, "content": f"{last['content']}\n\n{going_on}".rstrip()},
        ]


def interface_of(name: str) -> Interface:
    return ByTools() if name == "tools" else ByCode()


def _action(call: ToolCall) -> Action:
    try:
        arguments: Any = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        return Action(call.name, call=call)
    code = arguments.get("code")
    return Action(call.name, code if isinstance(code, str) else "", arguments, call)
