"""What a page asks a process to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page asks for, with the fields of `composite_llm.one_request.asked.Asked`."""

    model: str
    question: str = ""
    system: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    timeout_s: float | None = None
    simulate: bool = False
    base_model: str = ""
    """Not told: what to compare with."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "question": self.question,
            "system": self.system,
            "parameters": dict(self.parameters),
            "timeout_s": self.timeout_s,
            "simulate": self.simulate,
        }

    def without_words(self) -> dict[str, Any]:
        """What an estimate is about."""
        return {**self.as_dict(), "question": "", "system": ""}
