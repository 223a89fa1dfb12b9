"""What the simulator was asked and answered, for tests and for its own health page."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from composite_llm.simulator.request import ChatRequest, Message
from composite_llm.simulator.usage import Usage

MOST_RECORDS = 10_000
"""Older ones are forgotten, so a simulator may run for days."""


@dataclass(frozen=True, slots=True)
class Record:
    model: str
    messages: tuple[Message, ...]
    body: Mapping[str, Any]
    """The request as it came."""
    answer: str | None
    """The text of the first choice; None when nothing was answered."""
    usage: Usage | None
    started: float
    """On the clock of time.monotonic(), as is `finished`."""
    finished: float
    headers: Mapping[str, str]
    """By their names in lower case, without keys."""
    outcome: str
    """`ok`, the name of the fault, the code of the refusal, or `cancelled` when the client went away."""


@dataclass(slots=True)
class Visit:
    """One request while it is being served."""

    headers: Mapping[str, str]
    started: float = field(default_factory=time.monotonic)
    request: ChatRequest | None = None
    answer: str | None = None
    usage: Usage | None = None
    outcome: str = "cancelled"
    """What holds if the visit ends now."""
    ended: bool = False


class Journal:
    def __init__(self) -> None:
        self._records: deque[Record] = deque(maxlen=MOST_RECORDS)
        self.in_flight = 0
        self.max_in_flight = 0
        self.served = 0

    @property
    def records(self) -> list[Record]:
        return list(self._records)

    def arrive(self, headers: Mapping[str, str]) -> Visit:
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        return Visit(headers)

    def leave(self, visit: Visit) -> None:
        """Called before the last byte is sent, so a client that has its answer also finds the record."""
        if visit.ended:
            return
        visit.ended = True
        self.in_flight -= 1
        self.served += 1
        request = visit.request
        record = Record(
            model=request.model if request else "",
            messages=request.messages if request else (),
            body=request.body if request else MappingProxyType({}),
            answer=visit.answer,
            usage=visit.usage,
            started=visit.started,
            finished=time.monotonic(),
            headers=visit.headers,
            outcome=visit.outcome,
        )
        self._records.append(record)
