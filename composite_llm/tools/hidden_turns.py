"""What a model did inside one turn that the client got part of, and what becomes of it in the next request.

A model may think and call a client's tool in one turn. The client gets its own calls only, so its next
request lacks the others. Where they are still known they are put back, so that the model sees its turn as
it was and the provider finds the prefix it knows; else the turn stays as the client tells it. Either way
every call in the conversation has its result.
"""

import orjson

from composite_llm.caching.keys import key_of
from composite_llm.caching.memory import Memory
from composite_llm.content import Message
from composite_llm.tools.calls import is_result, tool_calls

TTL_S = 3600.0

_memory = Memory(16 * 1024 * 1024)


def remember(scope: str, shown: Message, hidden: list[Message]) -> None:
    """`hidden`: all messages in whose place the client gets `shown`."""
    if (key := _key(scope, shown)) is None:
        return
    try:
        text = orjson.dumps(hidden).decode()
    except TypeError:  # what JSON cannot hold stays away, as if it had been forgotten
        return
    _memory.put(key, text, TTL_S)


def restored(scope: str, messages: list[Message]) -> list[Message]:
    """The conversation with the turns that are known as they were."""
    whole: list[Message] = []
    for position, message in enumerate(messages):
        whole += _as_it_was(scope, message, messages[position + 1 :]) or [message]
    return whole


def _as_it_was(scope: str, message: Message, following: list[Message]) -> list[Message] | None:
    key = _key(scope, message) if tool_calls(message) else None
    text = _memory.renewed(key) if key else None
    if text is None or not _all_answered(message, following):
        return None
    return orjson.loads(text)


def _all_answered(message: Message, following: list[Message]) -> bool:
    """Else results of ours would stand between a call and its result that comes later."""
    answered = set[object]()
    for result in following:
        if not is_result(result):
            break
        answered.add(result.get("tool_call_id"))
    return {call.id for call in tool_calls(message)} <= answered


def _key(scope: str, shown: Message) -> str | None:
    """By what the client was shown, so that a turn it has changed is left as it tells it."""
    calls = [(call.id, call.name, call.arguments) for call in tool_calls(shown)]
    return key_of("hidden turns", scope, shown.get("content") or "", calls)
