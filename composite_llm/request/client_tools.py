"""The tools a client brings, and which of them it wants called: what no server takes."""

from collections.abc import Mapping, Sequence
from typing import Any

_CHOICES = ("auto", "none", "required", "any")


def is_named(function: Any) -> bool:
    return isinstance(function, Mapping) and bool(function.get("name")) and isinstance(function["name"], str)


def wrong_tools(tools: Any) -> str | None:
    if not isinstance(tools, Sequence) or isinstance(tools, str):
        return f"tools must be a list of dicts, not {tools!r:.80}"
    return next((said for place, tool in enumerate(tools) if (said := _tool(f"tools[{place}]", tool))), None)


def _tool(place: str, tool: Any) -> str | None:
    """Kinds that are a provider's own, such as its web search, are its own matter."""
    if not isinstance(tool, Mapping) or not tool:
        return _no_tool(place, tool)
    if tool.get("type") != "function" and "function" not in tool:
        return None
    function = tool.get("function")
    if not isinstance(function, Mapping):
        return _no_tool(place, function)
    if not is_named(function):
        return f"{place}.function.name must be a text, not {function.get('name')!r:.80}"
    if not isinstance(function.get("parameters"), Mapping | None):
        return (
            f"{place}.function.parameters must be a dict, a JSON schema, not {function['parameters']!r:.80}"
        )
    return None


def _no_tool(place: str, found: Any) -> str:
    return f'{place} must be a dict such as {{"type": "function", "function": {{"name": "…"}}}}, not {found!r:.80}'


def wrong_choice(given: Mapping[str, Any]) -> str | None:
    choice, tools = given.get("tool_choice"), given.get("tools") or ()
    if choice is None or not isinstance(choice, str | Mapping):  # LiteLLM refuses any other kind
        return None
    if isinstance(choice, str) and choice not in _CHOICES:
        return f"tool_choice must be one of {', '.join(_CHOICES[:3])}, or name a function, not {choice!r:.80}"
    if choice not in ("auto", "none") and not tools:
        return "tool_choice asks for a tool, and there are no tools"
    if not isinstance(choice, Mapping) or choice.get("type", "function") != "function":
        return None
    function = choice.get("function")
    if not isinstance(function, Mapping) or not is_named(function):
        return f'tool_choice must name a function: {{"type": "function", "function": {{"name": "…"}}}}, not {choice!r:.80}'
    known = [tool["function"]["name"] for tool in tools if isinstance(tool.get("function"), Mapping)]
    if function["name"] not in known:
        return f"tool_choice names {function['name']!r:.80}, and tools are {', '.join(known) or 'of other kinds'}"
    return None
