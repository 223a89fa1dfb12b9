"""A question to one model, and its usable answer: what strategies hand in and get back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from composite_llm.content import Message
from composite_llm.engine.transport import Answer
from composite_llm.telemetry import SpanContext


@dataclass(frozen=True, slots=True)
class Call:
    """One question to one model."""

    model: str
    messages: Sequence[Message]
    role: str
    index: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    reads: Sequence["Reply"] = ()
    """The answers whose text is part of the question."""
    internal_tools: Sequence[str] = ()
    """Registered tools this model may use; they run here, and nobody else hears of them."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A usable answer."""

    call: Call
    answer: Answer
    span_context: SpanContext

    @property
    def text(self) -> str:
        return self.answer.text

    @property
    def index(self) -> int:
        return self.call.index
