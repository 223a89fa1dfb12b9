"""A conversation as the one text that an agent CLI takes, and what of a call it cannot be told."""

from collections.abc import Mapping, Sequence
from typing import Any

from composite_llm.content import Message
from composite_llm.tools.history import told

_CHARACTERS_OF_A_RESULT = 4000
"""Of what a tool of the client returned, as in what members of a panel read."""

_INSTRUCTIONS = "Follow these instructions:\n\n"
_CONVERSATION = "This is a conversation between a user and an assistant, who is you:\n\n"
_ANSWER = "Write the assistant's next message, and nothing else."

_UNSEEN = "[Something other than text was attached here, which you cannot see]"

_SHAPING = (
    *("tools", "functions", "response_format", "logprobs", "top_logprobs"),
    *("modalities", "audio", "prediction", "web_search_options"),
)
"""What makes another kind of answer of it: left out, it would not be what was asked for."""

_NOT_FOR_A_MODEL = (
    "metadata",
    "extra_headers",
    "drop_params",
    "allowed_openai_params",
    "user",
    "api_key",
    "api_base",
)
_HARMLESS: Mapping[str, Any] = {"n": 1, "tool_choice": "none", "function_call": "none", "logprobs": False}


def prompt_of(messages: Sequence[Message]) -> str:
    """A single question as it stands; else the conversation with its roles."""
    turns = [
        (str(message.get("role")), _words(message)) for message in told(messages, _CHARACTERS_OF_A_RESULT)
    ]
    system = "\n\n".join(text for role, text in turns if role in ("system", "developer"))
    spoken = [(role, text) for role, text in turns if role not in ("system", "developer")]
    parts = [_INSTRUCTIONS + system] if system else []
    if len(spoken) == 1 and spoken[0][0] == "user":
        return "\n\n".join([*parts, spoken[0][1]])
    lines = "\n\n".join(f"{role.capitalize()}: {text}" for role, text in spoken)
    return "\n\n".join([*parts, _CONVERSATION + lines, _ANSWER])


def attachments(messages: Sequence[Message]) -> int:
    """Images, recordings and files that are not sent."""
    return sum(not _is_text(part) for message in messages for part in _parts(message))


def shaping(parameters: Mapping[str, Any]) -> Sequence[str]:
    """Names of parameters without which the answer would not be what was asked for."""
    wanted = [*_SHAPING, "n"]
    return [name for name in wanted if parameters.get(name) and parameters[name] != _HARMLESS.get(name)]


def unsent(parameters: Mapping[str, Any]) -> Sequence[str]:
    """Names of all parameters that it is not told: such a program takes a text and a model."""
    return sorted(
        name
        for name, value in parameters.items()
        if value is not None and name not in _NOT_FOR_A_MODEL and value != _HARMLESS.get(name)
    )


def _words(message: Message) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) if _is_text(part) else _UNSEEN for part in _parts(message))


def _parts(message: Message) -> Sequence[Any]:
    content = message.get("content")
    return content if isinstance(content, list) else ()


def _is_text(part: Any) -> bool:
    return isinstance(part, Mapping) and isinstance(part.get("text"), str)
