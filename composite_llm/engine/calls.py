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
    max_thinks: int | None = None
    """So many thoughts, where `think` is one of them. None: thoughts count among `max_tool_calls`."""
    exposes_thoughts: bool = False
    """The client is told them, as `reasoning_content`."""
    after_tool: bool = False
    """Its conversation ended with what a tool came to, before that was told as text."""
    candidate: bool = False
    """Its answer may become the client's, as it is: it has the client's own parameters and tools."""
    last: bool = False
    """No final call follows, so that it may spend what is reserved for one."""
    droppable: Sequence[str] = ()
    """Names of parameters that are ours and not the client's: a model that takes one not is not sent it."""


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
