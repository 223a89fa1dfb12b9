"""One model with tools that run here: it is asked, its calls are run, and it is asked again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from composite_llm.content import Message
from composite_llm.engine.calls import Call, Reply
from composite_llm.errors import CallFailed
from composite_llm.json_text import json_text
from composite_llm.streaming.sink import Sink
from composite_llm.tools import hidden_turns
from composite_llm.tools.box import names_of
from composite_llm.tools.calls import ToolCall, as_sent_back, is_result, tool_calls, with_arguments
from composite_llm.tools.replies import saying, without
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
    _thoughts: list[str] = field(default_factory=list[str])
    """That the client is told."""
    _client_ran: bool = False
    """Whether one of the client's tools has run here."""

    async def run(self) -> Reply | CallFailed:
        while not self._left_behind:
            self._asking = self.ask(self._next_call(), self.speech and self.speech.next_turn())
            outcome = await self._asking.run()
            if not isinstance(outcome, Reply):
                return outcome
            made = tool_calls(outcome.answer.message)
            inside = [call for call in made if not self.runner.box.is_for_the_client(call)]
            if not inside or self._left_behind:
                return self._after_hidden_turns(outcome)
            if len(inside) == len(made) and not any(map(self.runner.may_run, inside)):
                return self._as_far_as_it_came(outcome, inside)
            self._turns += [self._own_turn(outcome), *await self._results(inside)]
            if len(inside) < len(made):
                return self._for_the_client(outcome, inside)
            self._words += [outcome.text] if outcome.text else []
        return self.leave_behind()

    async def _results(self, inside: Sequence[ToolCall]) -> list[Message]:
        box = self.runner.box
        thoughts = [call for call in inside if box.thinks(call)]
        if self.call.exposes_thoughts:
            self._tell([box.thought(call) for call in thoughts])
        results = await self.runner.results(inside, after_tool=self._after_tool)
        self._client_ran |= any(call.name in names_of(box.clients) for call in inside)
        return results

    def _own_turn(self, reply: Reply) -> Message:
        """What the model said, with thoughts in the form asked for: some providers' formats hold no other."""
        message, box = as_sent_back(reply.answer.message), self.runner.box
        broken = [
            call for call in tool_calls(message) if box.thinks(call) and box.thought(call) == call.arguments
        ]
        written = {call.id: json_text({"thought": call.arguments}) for call in broken}
        return with_arguments(message, written)

    @property
    def _after_tool(self) -> bool:
        """Whether the last thing the model read, its own thoughts apart, is what a tool came to."""
        thoughts = {
            call.id for turn in self._turns for call in tool_calls(turn) if self.runner.box.thinks(call)
        }
        read = [turn for turn in self._turns if is_result(turn) and turn["tool_call_id"] not in thoughts]
        before = self.call.after_tool or bool(self.call.messages and is_result(self.call.messages[-1]))
        return before or bool(read)

    def _tell(self, thoughts: Sequence[str]) -> None:
        """To a client that wants to know them: as reasoning, which is what they are."""
        self._thoughts += thoughts
        if self.speech:
            self.speech.tell(thoughts)

    def leave_behind(self) -> CallFailed:
        self._left_behind = True
        return (self._asking or self.ask(self.call, None)).leave_behind()

    def _said(self, reply: Reply) -> Reply:
        if self.speech:
            self.speech.end(reply)
        said: dict[str, str] = {}
        if self.aloud and self._words:
            said["content"] = BETWEEN_TURNS.join([*self._words, *([reply.text] if reply.text else [])])
        if self._thoughts:
            own = reply.answer.message.get("reasoning_content")
            said["reasoning_content"] = BETWEEN_TURNS.join([*self._thoughts, *([own] if own else [])])
        return saying(reply, said) if said else reply

    def _after_hidden_turns(self, reply: Reply) -> Reply:
        """The last turn, all of which is the client's; those before it are remembered where it calls tools, since
        what comes back then goes on after them."""
        shown = self._said(reply)
        if self._turns and tool_calls(shown.answer.message):
            self._remember(shown, [*self._turns, self._own_turn(reply)])
        return shown

    def _remember(self, shown: Reply, turns: list[Message]) -> None:
        hidden_turns.remember(self.runner.stage.run.tooling.scope, shown.answer.message, turns)

    def _next_call(self) -> Call:
        parameters = {**self.call.parameters, **self._choice_of_tools()}
        return replace(self.call, messages=[*self.call.messages, *self._turns], parameters=parameters)

    def _choice_of_tools(self) -> dict[str, Any]:
        """What the model may call in its next turn.

        A choice the client forces is meant for the first call of its tools, or, where they run here, there would
        be no last turn. Once no more may run here, only the client's own tools are left; where those run here,
        too, they stay in the request, whose history names them, but none may be called.
        """
        box = self.runner.box
        choice = {"tool_choice": "auto"} if self._client_ran and self._is_forced else {}
        if self.runner.used_up:
            offered = list(box.clients) if box.executor is None else []
        else:
            offered = box.without_thinking if self.runner.thought_enough else box.definitions
        return {"tools": offered, **choice} if offered else {"tools": box.definitions, "tool_choice": "none"}

    @property
    def _is_forced(self) -> bool:
        return self.call.parameters.get("tool_choice") not in (None, "auto", "none")

    def _as_far_as_it_came(self, reply: Reply, inside: Sequence[ToolCall]) -> Reply | CallFailed:
        """Some servers take no `tool_choice`, and their models would call, and be paid for, without an end."""
        if reply.text.strip():
            return self._said(without(reply, inside))
        thinks_on = self.runner.thought_enough and any(map(self.runner.box.thinks, inside))
        most = self.runner.stage.run.options.max_tool_calls
        limit = f"max_thinks={self.call.max_thinks}" if thinks_on else f"max_tool_calls={most}"
        reason = f"went on calling tools after {limit}, and said nothing"
        return CallFailed(self.call.role, self.call.model, "empty", reason)

    def _for_the_client(self, reply: Reply, inside: Sequence[ToolCall]) -> Reply:
        """The last turn without what was called in it for ourselves, which is remembered."""
        shown = self._said(without(reply, inside))
        self._remember(shown, self._turns)
        return shown
