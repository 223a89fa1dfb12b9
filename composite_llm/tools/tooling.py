"""What one request does with tools: who is given which, and which part of the conversation members read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from composite_llm.caching.keys import key_of, unmarked
from composite_llm.caching.panel import Panel
from composite_llm.content import Message
from composite_llm.engine.calls import Call
from composite_llm.errors import BadRequest
from composite_llm.request.options import Options
from composite_llm.tools import hidden_turns, history
from composite_llm.tools.box import Toolbox, names_of
from composite_llm.tools.calls import is_result, tool_calls
from composite_llm.tools.registry import InternalTool, internal_tools
from composite_llm.tools.turns import asked_up_to, first_call_ids

_CHOOSING = ("tools", "tool_choice", "parallel_tool_calls")


@dataclass(slots=True)
class Tooling:
    options: Options
    parameters: Mapping[str, Any]
    """The client's."""
    clients: Sequence[Mapping[str, Any]]
    """The client's tools."""
    read: Sequence[Message]
    """What members answer: the conversation up to where they are asked."""
    rest: list[Message]
    """What has happened since in the client's tool loop; only the final model reads it."""
    in_a_loop: bool
    """Whether the client tells of tools it has run for this question."""
    any: bool
    """Whether this request is about tools at all."""
    scope: str = ""
    """Who asks, for whatever is remembered from one request to the next."""
    turns: list[Message] = field(default_factory=list[Message])
    """Calls that votes have decided on so far and that were run here, with their results."""
    _voted: bool = False
    _words_won: bool = False

    @classmethod
    def of(
        cls, options: Options, parameters: Mapping[str, Any], messages: Sequence[Message], scope: str
    ) -> "Tooling":
        """Raises BadRequest for what cannot be done with these tools."""
        clients = _tools_in(parameters)
        in_a_loop = bool(messages) and is_result(messages[-1])
        _refuse(options, parameters, clients, messages)
        # A vote is about the next step, so everybody who votes has to know of the last one.
        end = asked_up_to(messages, "per_iteration" if options.tool_policy == "vote" else options.fanout)
        about_tools = bool(clients) or _tells_of_tools(messages)
        rest = list(messages[end:])
        return cls(options, parameters, clients, messages[:end], rest, in_a_loop, about_tools, scope)

    @property
    def votes(self) -> bool:
        """Whether the members asked next decide on the next step: those who are asked first do."""
        return self.options.tool_policy == "vote" and bool(self.clients) and not self._voted

    @property
    def alone(self) -> bool:
        """Whether the final model is to answer without anybody else being asked."""
        return self.options.tool_policy == "passthrough_on_tools" and (bool(self.clients) or self.in_a_loop)

    def panel(self, about: Any) -> Panel:
        """What members said before where they are asked once for several requests; `about`: how and for whom."""
        fanout, policy = self.options.fanout, self.options.tool_policy
        if not self.any or fanout == "per_iteration" or policy in ("vote", "passthrough_on_tools"):
            return Panel(None)
        asked = (self.parameters.get("seed"), names_of(self.clients), unmarked(self.read))
        key = key_of("panel", about, *asked)
        return Panel.of(key, asked_before=bool(self.rest), call_ids=first_call_ids(self.rest))

    def members(self, calls: Sequence[Call]) -> list[Call]:
        """The calls as members get them."""
        views: dict[int, list[Message]] = {}  # mostly one conversation for all of them
        for call in calls if self.any else ():
            if id(call.messages) not in views:
                views[id(call.messages)] = history.told(call.messages, self.options.tool_result_chars)
        return [self._member(call, views.get(id(call.messages))) for call in calls]

    def voters(self, calls: Sequence[Call], *, allowed: bool) -> list[Call]:
        """The calls as they are made for a vote: with the client's tools, and all it tells of them."""
        chosen = {name: self.parameters[name] for name in _CHOOSING if name in self.parameters}
        if self.turns and chosen.get("tool_choice") not in (None, "none"):
            chosen["tool_choice"] = "auto"  # a choice the client forces is for the first turn
        if not allowed:
            chosen["tool_choice"] = "none"
        return [
            replace(call, messages=[*call.messages, *self.turns], parameters={**call.parameters, **chosen})
            for call in calls
        ]

    def close_vote(self, *, words_won: bool) -> list[Message]:
        """What was done by votes, for the conversation that goes on."""
        self._voted, self._words_won = True, words_won
        done, self.turns = self.turns, []
        return done

    def final(self, call: Call) -> Call:
        """`call` as the final model gets it: with all the client tells of its tools, as it tells it."""
        messages = hidden_turns.restored(self.scope, [*call.messages, *self.rest])
        kept = {"tool_choice": "none"} if self._words_won else {}
        return replace(call, messages=messages, parameters={**call.parameters, **kept})

    def internal_tools_of(self, call: Call) -> list[str]:
        """Its own, and those that all have who are not asked for the final answer alone."""
        return list(dict.fromkeys([*call.internal_tools, *(tool.name for tool in self._members_tools)]))

    def box_of(self, call: Call, *, final: bool) -> Toolbox:
        """The tools that run here for a call that was made by `member` or `final`."""
        internal = internal_tools(list(call.internal_tools))
        if not final:
            return Toolbox.of(internal, None, ())
        return Toolbox.of(internal, self.options.tool_executor, self.clients)

    def _member(self, call: Call, view: list[Message] | None) -> Call:
        """Without the client's tools, in a conversation that needs none, and told so."""
        own = self.internal_tools_of(call)
        call = replace(call, internal_tools=own)
        if view is None:
            return call
        framing = history.framing(names_of(self.clients), own_tools=bool(own))
        after_tool = is_result(call.messages[-1])
        return replace(call, messages=history.framed(view, framing), after_tool=after_tool)

    @property
    def _members_tools(self) -> list[InternalTool]:
        wanted = self.options.tool_policy == "members_internal"
        return internal_tools(self.options.internal_tools) if wanted else []


def _tools_in(parameters: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Also the older `functions`, in today's shape."""
    if tools := parameters.get("tools"):
        return tools
    return [{"type": "function", "function": function} for function in parameters.get("functions") or ()]


def _tells_of_tools(messages: Sequence[Message]) -> bool:
    return any(is_result(message) or tool_calls(message) for message in messages)


def _refuse(
    options: Options,
    parameters: Mapping[str, Any],
    clients: Sequence[Mapping[str, Any]],
    messages: Sequence[Message],
) -> None:
    """What is wrong must be said before the first call costs money."""
    internal_tools(options.internal_tools)
    if options.tool_policy == "reject" and (clients or _tells_of_tools(messages)):
        raise BadRequest(
            "This model takes no tools (tool_policy=reject). Leave tools and tool messages out, "
            "or set another tool_policy, such as final_only."
        )
    executor = options.tool_executor
    if parameters.get("functions") and (executor or options.tool_policy == "vote"):
        raise BadRequest(
            "tool_executor and tool_policy=vote take tools=[...], not the older functions=[...]."
        )
    if executor is None:
        return
    if (parameters.get("n") or 1) > 1:
        raise BadRequest("n>1 cannot be had with tool_executor: each answer would need tools of its own.")
    missing = [] if callable(executor) else [name for name in names_of(clients) if name not in executor]
    if missing and not callable(executor):
        known = ", ".join(executor) or "nothing"
        raise BadRequest(f"tool_executor has no function for {', '.join(missing)}; it has {known}.")
