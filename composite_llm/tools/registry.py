"""Tools that run on this side: the client never hears of them.

A server registers what its models may use, before it answers requests:

    from composite_llm.tools import register_tool

    @register_tool
    def search(query: str) -> str:
        "Search the handbook and return the best passages."

Members have them under `tool_policy="members_internal"`; a strategy gives one to a call of its own by
name (`Call.internal_tools`), as the think strategy does with `think`.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from composite_llm.errors import BadRequest


@dataclass(frozen=True, slots=True)
class InternalTool:
    name: str
    description: str
    parameters: Mapping[str, Any]
    """JSON Schema of an object."""
    function: Callable[..., Any]
    """Takes the arguments by name; sync or async. What it raises is told to the model."""


_REGISTERED: dict[str, InternalTool] = {}


def register_tool(
    function: Callable[..., Any],
    *,
    name: str | None = None,
    description: str | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> Callable[..., Any]:
    """Make `function` a tool, and return it. A later one of the same name takes its place.

    Name, description and JSON Schema are the function's own unless given: its docstring and annotations.
    ValueError where there is no description, since a model knows nothing else of a tool.
    """
    told = description or inspect.getdoc(function)
    called = name or str(getattr(function, "__name__", type(function).__name__))
    if not told:
        raise ValueError(f"{called} has no docstring: say with description=... what it does")
    _REGISTERED[called] = InternalTool(called, told, parameters or _schema_of(function), function)
    return function


def unregister_tool(name: str) -> None:
    """Nothing where there is no such tool."""
    _REGISTERED.pop(name, None)


def internal_tools(names: list[str] | None) -> list[InternalTool]:
    """The registered tools of these names, all for None. BadRequest for a name nobody registered."""
    if names is None:
        return list(_REGISTERED.values())
    for name in names:
        if name not in _REGISTERED:
            known = ", ".join(_REGISTERED) or "none"
            raise BadRequest(f"internal_tools: no tool {name!r} is registered here; registered are: {known}.")
    return [_REGISTERED[name] for name in names]


def _schema_of(function: Callable[..., Any]) -> dict[str, Any]:
    schema = TypeAdapter[Any](function).json_schema()  # pyright: ignore[reportArgumentType] - takes functions
    return {key: value for key, value in schema.items() if key != "title"}


def think(thought: str) -> str:
    """Write a thought down and go on. Nothing is looked up or changed: use it to sort out what is known,
    which rules apply, and whether the next step is right."""
    return ""


register_tool(think)
