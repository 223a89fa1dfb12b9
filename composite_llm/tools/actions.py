"""What members want to do next, compared: `tool_policy="vote"`.

Two calls are one action when they name the same tool with the same arguments, in whatever order a
model wrote the keys. Calls that are made together are one action, whatever their order. Words are
one more action, whatever they say: not to call anything.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from composite_llm.content import Message
from composite_llm.tools.calls import ToolCall, tool_calls

Action = tuple[tuple[str, str], ...]
"""Name and canonical arguments of each call, sorted; empty for words."""


@dataclass(frozen=True, slots=True)
class Tally:
    voters: Mapping[Action, Sequence[int]]
    """Positions of the messages by what they do, the most frequent action first."""

    @property
    def winner(self) -> Action | None:
        """What more of them want than anything else; None for a tie."""
        counts = [len(positions) for positions in self.voters.values()]
        return None if counts[1:] and counts[0] == counts[1] else next(iter(self.voters), None)


def tally(messages: Sequence[Message]) -> Tally:
    voters: dict[Action, list[int]] = {}
    for position, message in enumerate(messages):
        voters.setdefault(action_of(message), []).append(position)
    return Tally(dict(sorted(voters.items(), key=lambda vote: -len(vote[1]))))


def action_of(message: Message) -> Action:
    return tuple(sorted((call.name, canonical(call.arguments)) for call in tool_calls(message)))


def canonical(arguments: str) -> str:
    """Equal for JSON that says the same; broken JSON stands for itself."""
    try:
        value = json.loads(arguments or "{}", parse_float=_number)
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):
        return arguments.strip()


def _number(digits: str) -> float:
    """2.0 as 2: models write either."""
    value = float(digits)
    return int(value) if value.is_integer() else value


def in_words(message: Message) -> str:
    """What a member said, with the calls it would make, for those who read it."""
    said = str(message.get("content") or "")
    return "\n".join(
        [said, *map(_proposed, tool_calls(message))] if said else map(_proposed, tool_calls(message))
    )


def _proposed(call: ToolCall) -> str:
    return f"[would call {call.name} with {call.arguments}]"
