"""What a step comes to, and which of it others may ask about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from composite_llm.engine.calls import Reply
from composite_llm.graph.conditions import NUMBER, TEXT, TRUTH, Fields
from composite_llm.strategies.parts.conversation import numbered

_ALWAYS: Fields = {"text": TEXT, "count": NUMBER}

FIELDS: Mapping[str, Fields] = {
    "base_call": _ALWAYS,
    "fanout": _ALWAYS,
    "synthesize": _ALWAYS,
    "think": _ALWAYS,
    "mode": _ALWAYS,
    "tool": _ALWAYS,
    "if": _ALWAYS,
    "vote": {**_ALWAYS, "agreement": NUMBER},
    "score": {**_ALWAYS, "score": NUMBER, "feedback": TEXT},
    "reflect": {**_ALWAYS, "satisfied": TRUTH, "rounds": NUMBER, "feedback": TEXT},
    "loop_until": {**_ALWAYS, "rounds": NUMBER, "held": TRUTH},
}
"""By kind of step.

text       the answer, or the first of several
count      how many answers there are
agreement  share of the votes that the chosen answer got, 0 to 1; by voters: 1 is first on every ballot
score      the best answer's mark, 0 to 10
feedback   what the judge or the critic said of it
satisfied  whether the critic found nothing more to mend
rounds     how many were run
held       whether the condition came true, or the rounds were used up
"""


@dataclass(frozen=True, slots=True)
class Result:
    replies: Sequence[Reply] = ()
    written: str | None = None
    """Text that no model wrote: of a tool."""
    found: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def text(self) -> str:
        """For a prompt: the answer, or several of them numbered."""
        if self.written is not None:
            return self.written
        texts = [reply.text for reply in self.replies]
        return texts[0] if len(texts) == 1 else numbered(texts)

    @property
    def values(self) -> Mapping[str, Any]:
        """For a condition, or a place in a prompt."""
        first = self.written if self.written is not None else self.replies[0].text
        return {"text": first, "count": len(self.replies) or 1, **self.found}


def placed(results: Mapping[str, Result]) -> dict[str, str]:
    """What `{{name}}` and `{{name.field}}` stand for."""
    texts = {name: result.text for name, result in results.items()}
    fields = {
        f"{name}.{key}": _written(value)
        for name, result in results.items()
        for key, value in result.values.items()
    }
    return fields | texts


def _written(value: Any) -> str:
    return "unknown" if value is None else str(value)
