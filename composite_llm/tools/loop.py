"""One model with tools that run here: it is asked, its calls are run, and it is asked again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from composite_llm.content import Message
from composite_llm.engine.calls import Call, Reply
from composite_llm.errors import CallFailed
from composite_llm.streaming.sink import Sink
from composite_llm.tools import hidden_turns
from composite_llm.tools.calls import ToolCall, as_sent_back, tool_calls, without_calls
from composite_llm.tools.running import Runner
from composite_llm.tools.speech import BETWEEN_TURNS, Speech


class Asking(Protocol):
    """One question on its way."""

    async def run(self) -> Reply | CallFailed: ...
    def leave_behind(self) -> CallFailed: ...


@dataclass(slots=True)
class ToolLoop:
    """Asks until the model calls nothing that runs here. The client sees none of that."""

    call: Call
    runner: Runner
    ask: Callable[[Call, Sink | None], Asking]
    speech: Speech | None = None
    """Where the words of all turns go as they come."""
    aloud: bool = False
    """Whether the client gets the words of all turns, as it hears them in a stream, and not of the last alone."""
    _asking: Asking | None = None
    _left_behind: bool = False
    _turns: list[Message] = field(default_factory=list[Message])
    _words: list[str] = field(default_factory=list[str])
    """Of the turns before the last."""

    async def run(self) -> Reply | CallFailed:
        while not self._left_behind:
            may_call = not self.runner.used_up
            self._asking = self.ask(self._next_call(), self.speech and self.speech.next_turn())
            outcome = await self._asking.run()
            if not isinstance(outcome, Reply):
                return outcome
            made = tool_calls(outcome.answer.message)
            inside = [call for call in made if not self.runner.box.is_for_the_client(call)]
            if not inside or self._left_behind:
                return self._after_hidden_turns(outcome)
            if not may_call and len(inside) == len(made):
                return self._as_far_as_it_came(outcome, inside)
            self._turns += [as_sent_back(outcome.answer.message), *await self.runner.results(inside)]
            if len(inside) < len(made):
                return self._for_the_client(outcome, inside)
            self._words += [outcome.text] if outcome.text else []
        return self.leave_behind()

    def leave_behind(self) -> CallFailed:
        self._left_behind = True
        return (self._asking or self.ask(self.call, None)).leave_behind()

    def _said(self, reply: Reply) -> Reply:
        if self.speech:
            self.speech.end(reply)
        if not self.aloud or not self._words:
            return reply
        return _with_text(reply, BETWEEN_TURNS.join([*self._words, *([reply.text] if reply.text else [])]))

    def _after_hidden_turns(self, reply: Reply) -> Reply:
        """The last turn, all of which is the client's; those before it are remembered where it calls tools, since
        what comes back then goes on after them."""
        shown = self._said(reply)
        if self._turns and tool_calls(shown.answer.message):
            self._remember(shown, [*self._turns, as_sent_back(reply.answer.message)])
        return shown

    def _remember(self, shown: Reply, turns: list[Message]) -> None:
        hidden_turns.remember(self.runner.stage.run.tooling.scope, shown.answer.message, turns)

    def _next_call(self) -> Call:
        parameters = {**self.call.parameters, **self._choice_of_tools()}
        return replace(self.call, messages=[*self.call.messages, *self._turns], parameters=parameters)

    def _choice_of_tools(self) -> dict[str, Any]:
        """What the model may call in its next turn.

        A choice the client forces is meant for the first turn, or there would be no last one. Once no more may
        run here, only the client's own tools are left; where those run here, too, they stay in the request,
        whose history names them, but none may be called.
        """
        box = self.runner.box
        choice = {"tool_choice": "auto"} if self._turns and self._is_forced else {}
        if not self.runner.used_up:
            return {"tools": box.definitions, **choice}
        if box.executor is None and box.clients:
            return {"tools": list(box.clients), **choice}
        return {"tools": box.definitions, "tool_choice": "none"}

    @property
    def _is_forced(self) -> bool:
        return self.call.parameters.get("tool_choice") not in (None, "auto", "none")

    def _as_far_as_it_came(self, reply: Reply, inside: Sequence[ToolCall]) -> Reply | CallFailed:
        """Some servers take no `tool_choice`, and their models would call, and be paid for, without an end."""
        if reply.text.strip():
            return self._said(_without(reply, inside))
        most = self.runner.stage.run.options.max_tool_calls
        reason = f"went on calling tools after max_tool_calls={most}, and said nothing"
        return CallFailed(self.call.role, self.call.model, "empty", reason)

    def _for_the_client(self, reply: Reply, inside: Sequence[ToolCall]) -> Reply:
        """The last turn without what was called in it for ourselves, which is remembered."""
        shown = self._said(_without(reply, inside))
        self._remember(shown, self._turns)
        return shown


def _without(reply: Reply, inside: Sequence[ToolCall]) -> Reply:
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


def _with_text(reply: Reply, text: str) -> Reply:
    choice, *others = reply.answer.choices
    response = reply.answer.response.model_copy(deep=True)
    response.choices[0].message.content = text
    choices = [replace(choice, message={**choice.message, "content": text}), *others]
    return replace(reply, answer=replace(reply.answer, response=response, choices=choices))
