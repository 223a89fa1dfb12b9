"""What the engine asks of a way to a model, whichever it is: a conversation goes out, an answer comes back.

`over_litellm` asks servers, `agent_cli.transport` starts a program; `transports` knows which is for whom.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from composite_llm.accounting.ledger import Cost, Usage
from composite_llm.accounting.prices import cost_of
from composite_llm.content import Message
from composite_llm.encodable import encodable
from composite_llm.request.route import Route

if TYPE_CHECKING:
    from composite_llm.telemetry import Identity, Span


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One trip of a conversation to a model."""

    way: Route
    messages: list[Message]
    parameters: Mapping[str, Any]
    """As LiteLLM takes them."""
    seconds: float
    """The longest it may take, for a transport that must be told: the engine's own deadline comes before."""
    span: "Span"
    """Of this attempt, for what only the transport sees."""
    identity: "Identity"
    """What spans below it say of their request."""


@dataclass(frozen=True, slots=True)
class Choice:
    message: Message
    finish_reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a model, before anyone judges it."""

    response: Any
    """LiteLLM's ModelResponse."""
    choices: Sequence[Choice]
    """As many as were asked for with `n`; the first one counts."""
    usage: Usage | None
    cost: Cost | None

    @property
    def message(self) -> Message:
        return self.choices[0].message

    @property
    def finish_reason(self) -> str:
        return self.choices[0].finish_reason

    @property
    def text(self) -> str:
        return self.message.get("content") or ""

    @property
    def empty(self) -> bool:
        """Nothing to read and nothing to do: a blank answer, a refusal, or thinking that ran out of tokens."""
        return not self.text.strip() and not self.message.get("tool_calls")


class AnswerStream(Protocol):
    """An answer while it is written, as LiteLLM's chunks. To be closed by who reads it, whole or not."""

    @property
    def chunks(self) -> list[Any]:
        """All that have come so far, with the usage that they report."""
        ...

    def __aiter__(self) -> AsyncIterator[Any]: ...

    async def aclose(self) -> None: ...

    def ended(self) -> Answer:
        """The whole answer, when all of it is read. Raises LiteLLM's exceptions where its end is missing."""
        ...


class Transport(Protocol):
    """Raises LiteLLM's exceptions."""

    async def complete(self, outgoing: Outgoing) -> Answer:
        """Send the conversation once and wait for the whole answer."""
        ...

    async def stream(self, outgoing: Outgoing) -> AnswerStream | Answer:
        """Send it once for a stream; an Answer where what came back is whole all the same."""
        ...


def answer_of(response: Any, way: Route) -> Answer:
    for choice in response.choices:
        mend(choice.message)
    usage = usage_of(response)
    return Answer(response, choices_of(response), usage, cost_of(response, way, usage) if usage else None)


def mend(said: Any) -> None:
    """Makes all text of a message or a delta encodable, in place."""
    whole = said.model_dump(exclude_none=True)
    if (mended := encodable(whole)) is not whole:
        other = type(said)(**mended)
        for name in mended:
            setattr(said, name, getattr(other, name))


def choices_of(response: Any) -> list[Choice]:
    return [
        Choice(choice.message.model_dump(exclude_none=True), choice.finish_reason or "")
        for choice in response.choices
    ]


def usage_of(response: Any) -> Usage | None:
    usage = getattr(response, "usage", None)
    if usage is None or usage.total_tokens == 0:
        return None
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return Usage(
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=getattr(prompt, "cached_tokens", None) or 0,
        cache_write=getattr(prompt, "cache_creation_tokens", None) or 0,
        reasoning=getattr(completion, "reasoning_tokens", None) or 0,
    )
