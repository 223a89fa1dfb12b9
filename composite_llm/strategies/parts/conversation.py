"""Putting other models' answers in front of a model without breaking the conversation.

Pure functions from messages to messages; the client's own messages are never changed.
"""

from collections.abc import Sequence
from typing import Any, Literal

from composite_llm.content import Message
from composite_llm.engine.run import Run

Messages = Sequence[Message]


def guided(run: Run, text: str, *, usually: Literal["system", "tail_user"]) -> list[Message]:
    """The run's conversation with `text` where `injection` says; `auto` leaves it to the strategy's `usually`.

    Unless there is a prefix worth keeping in the provider's prompt cache, which a text in the system
    message breaks from its start: then it stands at the tail.
    """
    chosen = run.options.injection
    if chosen == "auto":
        chosen = "tail_user" if _has_a_prefix(run) else usually
    return with_system(run.messages, text) if chosen == "system" else with_tail(run.messages, text)


def _has_a_prefix(run: Run) -> bool:
    """Tools bring many requests with one beginning, and so do turns of a conversation."""
    return run.tooling.any or any(message.get("role") == "assistant" for message in run.messages)


def with_system(messages: Messages, text: str) -> list[Message]:
    """`text` at the end of the system message, which is made when there is none."""
    if messages and messages[0].get("role") in {"system", "developer"}:
        return [_appended(messages[0], text), *messages[1:]]
    return [{"role": "system", "content": text}, *messages]


def instructed(messages: Messages, text: str) -> Messages:
    """`messages`, told `text` before they begin; as they are where there is nothing to tell."""
    return with_system(messages, text) if text else messages


def with_tail(messages: Messages, text: str) -> list[Message]:
    """`text` at the very end, in the user's last turn.

    What stands before it stays byte for byte the same, so a provider's prompt cache still
    holds, and two user turns never stand side by side, which some servers refuse.
    """
    if messages and messages[-1].get("role") == "user":
        return [*messages[:-1], _appended(messages[-1], text)]
    return [*messages, {"role": "user", "content": text}]


def numbered(texts: Sequence[str], limit: int | None = None) -> str:
    """The texts as `1. …`, each cut to `limit` characters, head and tail kept."""
    return "\n\n".join(f"{number}. {cut(text, limit)}" for number, text in enumerate(texts, start=1))


def cut(text: str, limit: int | None) -> str:
    if limit is None or len(text) <= limit:
        return text
    return f"{text[: limit // 2]} […] {text[-(limit // 2) :]}"


def _appended(message: Message, text: str) -> Message:
    content: Any = message.get("content") or ""
    if isinstance(content, list):
        return {**message, "content": [*content, {"type": "text", "text": text}]}
    return {**message, "content": f"{content}\n\n{text}" if content else text}
