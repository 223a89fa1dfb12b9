"""Where members are asked in a conversation whose client runs tools.

… user            ← asked here once a turn, or at iteration 0
assistant calls
tool results      ← iteration 1
assistant calls
tool results      ← iteration 2
"""

from collections.abc import Sequence
from math import inf

from composite_llm.content import Message
from composite_llm.tools.calls import is_result, tool_calls


def asked_up_to(messages: Sequence[Message], fanout: str) -> int:
    """How many of the messages members read. All of them where they are to be asked anew."""
    places = iterations(messages)
    if not places:
        return len(messages)
    iteration = len(places) - 1
    every = _every(fanout)
    return places[0 if every == inf else iteration // int(every) * int(every)]


def iterations(messages: Sequence[Message]) -> list[int]:
    """How many messages there were at each request of this turn's tool loop, this one last.

    Empty outside of one, and where it cannot be told: when the last word is not a tool's or the user's.
    """
    last_user = max((place for place, message in enumerate(messages) if _is_users(message)), default=None)
    if last_user is None:
        return []
    places = [last_user + 1]
    for place in range(last_user + 1, len(messages)):
        is_last_result = place + 1 == len(messages) or not is_result(messages[place + 1])
        if is_result(messages[place]) and is_last_result:
            places.append(place + 1)
    return places if places[-1] == len(messages) else []


def first_call_ids(messages: Sequence[Message]) -> list[str]:
    """Ids of the first calls in these messages: they tell one run of the same question from another."""
    return next(
        ([call.id for call in tool_calls(message)] for message in messages if tool_calls(message)), []
    )


def _is_users(message: Message) -> bool:
    return message.get("role") == "user"


def _every(fanout: str) -> float:
    """After so many iterations members are asked anew."""
    if fanout.startswith("every_n:"):
        return int(fanout.removeprefix("every_n:"))
    return 1 if fanout == "per_iteration" else inf
