"""The tools that run here for one model: the server's own, and the client's where it gave their functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from composite_llm.tools import functions
from composite_llm.tools.calls import ToolCall
from composite_llm.tools.functions import Executor
from composite_llm.tools.registry import InternalTool

THINK = "think"


@dataclass(frozen=True, slots=True)
class Toolbox:
    internal: Mapping[str, InternalTool] = field(default_factory=dict[str, InternalTool])
    """By the names this model knows them by."""
    executor: Executor | None = None
    """Runs the client's tools."""
    clients: Sequence[Mapping[str, Any]] = ()
    """The client's tools that this model may call, as the client sent them."""

    @classmethod
    def of(
        cls,
        internal: Iterable[InternalTool],
        executor: Executor | None,
        clients: Sequence[Mapping[str, Any]],
    ) -> "Toolbox":
        taken = set(names_of(clients))
        return cls({_free_name(tool.name, taken): tool for tool in internal}, executor, clients)

    @property
    def empty(self) -> bool:
        """Nothing runs here: what a model calls is for the client to run, or an error of the model's own."""
        return not self.internal and (self.executor is None or not self.clients)

    @property
    def definitions(self) -> list[Mapping[str, Any]]:
        """All that the model may call; the client's first, as they stand in the requests without ours."""
        return [*self.clients, *(_definition(name, tool) for name, tool in self.internal.items())]

    @property
    def without_thinking(self) -> list[Mapping[str, Any]]:
        """What is left of them for a model that has thought enough."""
        left = {name: tool for name, tool in self.internal.items() if tool.name != THINK}
        return replace(self, internal=left).definitions

    def is_for_the_client(self, call: ToolCall) -> bool:
        return self.executor is None and call.name in names_of(self.clients)

    def thinks(self, call: ToolCall) -> bool:
        tool = self.internal.get(call.name)
        return tool is not None and tool.name == THINK

    def thought(self, call: ToolCall) -> str:
        """What a model that thinks wrote down; all it wrote where that is not of the form asked for."""
        try:
            thought = functions.read_arguments(call.arguments).get("thought")
        except functions.BadArguments:
            return call.arguments
        return thought if isinstance(thought, str) else call.arguments

    def shown_name(self, call: ToolCall) -> str:
        """The tool's own name, whatever this model knows it by."""
        return self.internal[call.name].name if call.name in self.internal else call.name

    async def run(self, call: ToolCall) -> str:
        """The result as text. Raises UnknownTool, BadArguments, and whatever the tool itself raises."""
        if call.name in self.internal:
            thinks = self.thinks(call)  # in whatever form: a thought is never wrong
            arguments = (
                {"thought": self.thought(call)} if thinks else functions.read_arguments(call.arguments)
            )
            return await functions.run({call.name: self.internal[call.name].function}, call.name, arguments)
        if self.executor is None or call.name not in names_of(self.clients):
            known = ", ".join([*names_of(self.clients), *self.internal])
            raise UnknownTool(f"there is no tool {call.name!r}; there are: {known}")
        return await functions.run(self.executor, call.name, functions.read_arguments(call.arguments))


class UnknownTool(Exception):
    """A model called a tool it was not given."""


def names_of(tools: Iterable[Any]) -> list[str]:
    """Of a request's `tools`; a provider's own kinds, such as its web search, have none."""
    functions_of = [tool.get("function") for tool in tools if isinstance(tool, Mapping)]
    return [str(function["name"]) for function in functions_of if function and function.get("name")]


def _free_name(name: str, taken: set[str]) -> str:
    """A client may have a tool of the same name, which must stay the client's."""
    while name in taken:
        name += "_internal"
    taken.add(name)
    return name


def _definition(name: str, tool: InternalTool) -> Mapping[str, Any]:
    function = {"name": name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}
