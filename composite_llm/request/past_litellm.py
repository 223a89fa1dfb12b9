"""Messages, tools and formats that LiteLLM cannot read, carried past it.

It looks at them before it has found out whose model is asked, and breaks over what it does not expect: with an
AttributeError, or with what a Router takes for a server's failure and tries again; tools that are none it drops
without a word. Of a composite they go on as they came, to be refused with a span and a sentence.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import litellm.main
import litellm.utils
from pydantic import BaseModel

from composite_llm.host import PREFIX, PROVIDER
from composite_llm.request.conversation import wrong_messages

_MARK = "carries_composites"
_GIVEN = "composite_llm_given"


@dataclass(frozen=True, slots=True)
class _Given:
    """No client can write one, and so hide a conversation from whatever looks at requests on the way."""

    messages: Any


def _carried(messages: Any) -> list[dict[str, Any]]:
    """A conversation that LiteLLM can read, with what the client sent inside."""
    return [{"role": "user", "content": "", _GIVEN: _Given(messages)}]


def as_given(messages: Any) -> Any:
    """What the client sent."""
    inside = messages[0].get(_GIVEN) if messages else None
    return inside.messages if isinstance(inside, _Given) else messages


def carry() -> None:
    """From here on LiteLLM reads composites' requests that way. Calling it again changes nothing."""
    _guard(litellm.main, "validate_and_fix_openai_messages", _messages)
    _guard(litellm.main, "validate_and_fix_openai_tools", _tools)
    _guard(litellm.utils, "type_to_response_format_param", _response_format)


def _guard(module: Any, name: str, ours: "Callable[[Reader, Any], Any]") -> None:
    original = getattr(module, name)
    if not hasattr(original, _MARK):
        setattr(module, name, _for_composites(original, ours))


Reader = Callable[[Any], Any]


def _for_composites(original: Callable[..., Any], ours: Callable[[Reader, Any], Any]) -> Callable[..., Any]:
    @wraps(original)
    def read(*arguments: Any, **named: Any) -> Any:
        if _asks_a_composite(sys._getframe(1).f_locals):
            [given] = [*arguments, *named.values()]
            return ours(original, given)
        return original(*arguments, **named)

    setattr(read, _MARK, True)
    return read


def _asks_a_composite(callers: Mapping[str, Any]) -> bool:
    """By the variables of LiteLLM's function that reads: it is told of the model, what it reads with is not."""
    return callers.get("custom_llm_provider") == PROVIDER or str(callers.get("model")).startswith(PREFIX)


def _messages(read: Reader, given: Any) -> Any:
    try:
        messages = read(given)
    except Exception:  # noqa: BLE001 - whatever it is that it cannot read
        return _carried(given)
    return _carried(given) if wrong_messages(messages) else messages


def _tools(read: Reader, given: Any) -> Any:
    tools = given if isinstance(given, list | tuple | None) else [given]
    if tools is None or all(map(_is_tool, tools)):
        return read(given)
    return [tool if _is_tool(tool) else {"type": "function", "function": tool} for tool in tools]


def _response_format(read: Reader, given: Any) -> Any:
    return read(given) if isinstance(given, dict | type | None) else {"type": given}


def _is_tool(tool: Any) -> bool:
    return isinstance(tool, dict | BaseModel)
