"""What members said, kept for the rest of the user's turn.

A client that runs tools sends the conversation again with each result. Asking the members anew every time
would pay for the same advice again, and put other words in front of the final model, so that its provider's
prompt cache would be lost from there on. So what each fan-out came to is kept under a key over all that led
to it, and the strategy runs on that: same answers, same prompt, one call.

Two equal questions at the same moment have one key and answers of their own. The ids of the calls the final
model made tell them apart; a client that changes the ids gets the later one's answers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from composite_llm.caching import kept
from composite_llm.caching.keys import key_of, unmarked
from composite_llm.caching.memory import Memory
from composite_llm.engine.calls import Call, Reply

TTL_S = 3600.0
"""Since it was last used."""

Use = Literal["new", "hit", "miss"]

_memory = Memory()


@dataclass(slots=True)
class Panel:
    key: str | None
    """None where nothing is kept: without tools no request follows, and some requests have no sure key."""
    use: Use = "new"
    first_call_id: str | None = None
    """The first call of this turn's tool loop; None while there is none."""
    _known: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    """By fan-out: the answers, and which of its calls each is of."""
    _heard: list[tuple[str, Sequence[Call], Sequence[Reply]]] = field(
        default_factory=list[tuple[str, Sequence[Call], Sequence[Reply]]]
    )

    @classmethod
    def of(cls, key: str | None, *, asked_before: bool, call_ids: Sequence[str]) -> "Panel":
        """`asked_before`: in an earlier request of this turn; `call_ids`: of the calls the client made for it."""
        first = call_ids[0] if call_ids else None
        if key is None or not asked_before:
            return cls(key)
        names = [_name(key, first), key] if first else [key]
        text = next((found for name in names if (found := _memory.renewed(name)) is not None), None)
        return cls(key, "miss", first) if text is None else cls(key, "hit", first, kept.from_text(text))

    def replayed(self, stage: str, calls: Sequence[Call]) -> list[Reply] | None:
        """What these calls were answered before; None where they have to be made."""
        answers = self._known.get(_fan_out(stage, calls)) if self._known else None
        if answers is None:
            return None
        return [kept.unpacked(answer, calls[answer["place"]]) for answer in answers]

    def hear(self, stage: str, calls: Sequence[Call], replies: Sequence[Reply]) -> None:
        if self.key is not None:
            self._heard.append((stage, calls, replies))

    def keep(self, call_ids: Sequence[str]) -> None:
        """For the requests that follow, of which there are some if the client was given calls to make."""
        if self.key is None or not call_ids or not self._heard:
            return
        answers = {_fan_out(stage, calls): _packed(calls, replies) for stage, calls, replies in self._heard}
        if (text := kept.as_text(self._known | answers)) is not None:
            for name in (self.key, _name(self.key, self.first_call_id or call_ids[0])):
                _memory.put(name, text, TTL_S)


def _packed(calls: Sequence[Call], replies: Sequence[Reply]) -> list[dict[str, Any]]:
    places = {(call.role, call.index): place for place, call in enumerate(calls)}
    return [{**kept.packed(reply), "place": places[reply.call.role, reply.index]} for reply in replies]


def _name(key: str, call_id: str) -> str:
    return f"{key} {call_id}"


def _fan_out(stage: str, calls: Sequence[Call]) -> str:
    """The same for calls that ask the same; empty where that cannot be told."""
    conversations: dict[int, str | None] = {}
    for call in calls:  # mostly one conversation for all of them
        if id(call.messages) not in conversations:
            conversations[id(call.messages)] = key_of(unmarked(call.messages))
    asked = [
        (call.role, call.index, call.model, dict(call.parameters), conversations[id(call.messages)])
        for call in calls
    ]
    if None in conversations.values():
        return ""
    return key_of(stage, asked) or ""
