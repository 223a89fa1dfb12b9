"""The client's messages, looked at before the first call: what no model can be asked."""

from collections.abc import Mapping, Sequence
from typing import Any

from litellm.types.llms.openai import ValidUserMessageContentTypes

from composite_llm.content import Message
from composite_llm.request.asked import no_json

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_HOLDS: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "image_url": (str, dict),
    "input_audio": (dict,),
    "file": (dict,),
}
"""What a part of each kind has under the name of its kind."""


def wrong_messages(messages: Any) -> str | None:
    """What is wrong, where, and what to write; None where models can be asked."""
    if not isinstance(messages, list | tuple):
        return f'messages must be a list, such as [{{"role": "user", "content": "…"}}], not {messages!r:.80}'
    if not messages:
        return "messages is empty: there is nothing to ask"
    return next((said for place, each in enumerate(messages) if (said := _wrong(place, each))), None)


def unsendable(messages: Sequence[Message]) -> str | None:
    """What of them no server can be sent. Apart from the rest, since it goes through every word and image."""
    return next(
        (said for place, each in enumerate(messages) if (said := no_json(f"messages[{place}]", each))), None
    )


def as_recorded(messages: Any) -> Sequence[Message]:
    """The messages for the span of a request, also of one that is refused for them."""
    if wrong_messages(messages) is None:
        return messages
    given = messages if isinstance(messages, list | tuple) else [messages]
    return [
        message if _wrong(place, message) is None else {"role": "", "content": f"{message!r:.400}"}
        for place, message in enumerate(given)
    ]


def _wrong(place: int, message: Any) -> str | None:
    name = f"messages[{place}]"
    if not isinstance(message, Mapping):
        return f'{name} must be a dict, such as {{"role": "user", "content": "…"}}, not {message!r:.80}'
    role, content = message.get("role"), message.get("content")
    if role not in _ROLES:
        return f"{name}.role must be one of {', '.join(_ROLES)}, not {role!r:.80}"
    if content is None and role == "user":
        return f"{name}.content is missing: write what the user says"
    if role == "tool" and not isinstance(message.get("tool_call_id"), str):
        return f"{name}.tool_call_id is missing: write the id of the call that this is the result of"
    return _wrong_content(f"{name}.content", role, content) or _wrong_calls(
        f"{name}.tool_calls", message.get("tool_calls")
    )


def _wrong_content(name: str, role: str, content: Any) -> str | None:
    if content is None or isinstance(content, str):
        return None
    if not isinstance(content, list | tuple):
        return f"{name} must be a text or a list of parts, not {content!r:.80}"
    parts = enumerate(content)
    return next(
        (said for place, part in parts if (said := _wrong_part(f"{name}[{place}]", role, part))), None
    )


def _wrong_part(name: str, role: str, part: Any) -> str | None:
    if not isinstance(part, Mapping):
        return f'{name} must be a dict, such as {{"type": "text", "text": "…"}}, not {part!r:.80}'
    kind = part.get("type")
    if not isinstance(kind, str) or (role == "user" and kind not in ValidUserMessageContentTypes):
        return f"{name}.type must be one of {', '.join(ValidUserMessageContentTypes)}, not {kind!r:.80}"
    if kind in _HOLDS and not isinstance(part.get(kind), _HOLDS[kind]):
        return f"{name}.{kind} must hold the {kind} itself, not {part.get(kind)!r:.80}"
    return None


def _wrong_calls(name: str, calls: Any) -> str | None:
    if calls is None:
        return None
    if not isinstance(calls, list | tuple):
        return f"{name} must be a list of calls, not {calls!r:.80}"
    return next(
        (said for place, call in enumerate(calls) if (said := _wrong_call(f"{name}[{place}]", call))), None
    )


def _wrong_call(name: str, call: Any) -> str | None:
    if not isinstance(call, Mapping):
        return f"{name} must be a dict with an id and a function, not {call!r:.80}"
    if call.get("type", "function") != "function":
        return None  # a provider's own kind
    function = call.get("function")
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        return f"{name}.function must be a dict with a name and arguments, not {function!r:.80}"
    return None
