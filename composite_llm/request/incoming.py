"""A request as it came through LiteLLM."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from composite_llm.content import Message
from composite_llm.encodable import encodable
from composite_llm.request.groups import Groups
from composite_llm.request.reading import strategy_name
from composite_llm.telemetry import Identity


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came, not yet read."""

    model: str
    """What follows `composite/`."""
    messages: Sequence[Message]
    optional_params: Mapping[str, Any]
    metadata: Mapping[str, Any]
    headers: Mapping[str, str]
    """HTTP headers of the client's request to a proxy, for `traceparent`."""
    connection: Mapping[str, Any]
    call_id: str
    timeout_s: float
    user: str | None = None
    """As the client named it to LiteLLM, for the providers."""
    remote: bool = False
    """Whether it came over a network: then it may name no files, and bring no steps of its own."""
    groups: Groups = field(default_factory=Groups)
    """By whose names models may be named as well."""

    def identity(self) -> Identity:
        return Identity(
            request_id=uuid.uuid4().hex,
            strategy=strategy_name(self.model),
            session_id=_text(self.metadata.get("session_id")),
            user_id=_text(self.metadata.get("user_id")),
            tags=_texts(self.metadata.get("tags")),
        )


def _text(value: Any) -> str | None:
    return encodable(str(value)) if value else None


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (encodable(value),)
    return encodable(tuple(map(str, value))) if isinstance(value, list | tuple | set) else ()
