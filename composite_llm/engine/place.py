"""Where a stage stands: in the request itself, or below another part of it."""

from typing import Protocol

from composite_llm.accounting.ledger import Ledger
from composite_llm.telemetry import Span


class Place(Protocol):
    @property
    def span(self) -> Span: ...

    @property
    def ledger(self) -> Ledger:
        """The books of which the stage's are a page."""
        ...
