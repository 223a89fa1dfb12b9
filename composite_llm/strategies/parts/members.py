"""Who answers side by side: model names, or dicts with a member's own settings."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, FiniteFloat

from composite_llm.content import Message
from composite_llm.strategies.parameters import MOST_SAMPLES, repeated
from composite_llm.strategies.parts.asked import Asked
from composite_llm.strategies.parts.conversation import instructed

_SETTINGS = ("temperature", "top_p", "max_tokens", "reasoning_effort", "thinking")


class Member(Asked):
    """One of several that answer. What it leaves out is the strategy's, never the client's."""

    role: str = ""
    """What it is told it is: a system prompt."""
    temperature: Annotated[FiniteFloat, Field(ge=0, le=2)] | None = None
    top_p: Annotated[FiniteFloat, Field(gt=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    reasoning_effort: str | None = None
    thinking: dict[str, Any] | None = None
    """As LiteLLM takes it: `{"type": "enabled", "budget_tokens": 2000}`."""
    count: Annotated[int, Field(ge=1, le=MOST_SAMPLES)] = 1
    """So many samples of it."""

    @property
    def parameters(self) -> dict[str, Any]:
        own = {name: value for name in _SETTINGS if (value := getattr(self, name)) is not None}
        return own | self.with_its_own

    def reads(self, messages: Sequence[Message]) -> Sequence[Message]:
        return instructed(messages, self.role)


def as_entries(value: Any) -> Any:
    entries = [value] if isinstance(value, str | dict) else value
    return [_as_entry(entry) for entry in entries] if isinstance(entries, list | tuple) else entries


def _as_entry(entry: Any) -> Any:
    """`openai/gpt-4o × 3` is short for a model and its count."""
    if not isinstance(entry, str):
        return entry
    models = repeated(entry)
    return {"model": models[0], "count": len(models)}


def _expanded(members: list[Member]) -> list[Member]:
    return [member.model_copy(update={"count": 1}) for member in members for _ in range(member.count)]


Panel = Annotated[list[Member], BeforeValidator(as_entries), AfterValidator(_expanded)]
"""Members that answer side by side; the same model may stand in it several times."""


def models_of(panel: Sequence[Member]) -> list[str]:
    return [member.model for member in panel]
