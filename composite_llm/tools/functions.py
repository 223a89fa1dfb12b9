"""Calling Python functions as tools: sync or async, with what they return as text."""

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from composite_llm.encodable import encodable
from composite_llm.engine.own_thread import on_own_thread

Executor = Callable[..., Any] | Mapping[str, Callable[..., Any]]
"""One function of a name and a dict of arguments, or one function a name, of the arguments by name."""


class BadArguments(Exception):
    """A model wrote arguments that no function can take."""


async def run(executor: Executor, name: str, arguments: Mapping[str, Any]) -> str:
    """The result as a model reads it. Raises whatever the function raises."""
    if isinstance(executor, Mapping):
        return as_text(await _called(executor[name], **arguments))
    return as_text(await _called(executor, name, dict(arguments)))


def read_arguments(text: str) -> dict[str, Any]:
    """The arguments a model wrote. BadArguments says what is wrong with them, in words for the model."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        raise BadArguments(f"the arguments are not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadArguments(f"the arguments must be a JSON object, not {text:.80}")
    return {str(key): entry for key, entry in value.items()}


def as_text(result: Any) -> str:
    if isinstance(result, str):
        return encodable(result)
    return "" if result is None else encodable(json.dumps(result, ensure_ascii=False, default=str))


async def _called(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        if _is_async(function):
            return await function(*args, **kwargs)
        result = await on_own_thread(lambda: function(*args, **kwargs))
        return await result if inspect.isawaitable(result) else result
    except SystemExit as error:  # of an async one: it would end the loop, and every other request on it
        raise RuntimeError(f"it ended with {error!r}") from None


def _is_async(function: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object whose call is async
    )
