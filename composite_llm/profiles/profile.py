"""A profile: a composite request written down under a name, so that a call needs no more than that."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from composite_llm.request.given import Given
from composite_llm.request.options import Options
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.registry import Strategy


@dataclass(frozen=True, slots=True)
class Profile:
    name: str
    description: str
    strategy: Strategy
    """A strategy of the registry, or one made of the profile's own steps."""
    base_model: str
    given: Given
    """As it stands in the file, for deployments and calls to be laid over."""
    parameters: StrategyParameters
    options: Options
    """What the above comes to when a call adds nothing."""
    file: str
    line: int | None
    bundled: bool = False

    @property
    def hash(self) -> str:
        """16 hex digits, equal for profiles that run the same way, texts of prompt files included."""
        told = {
            "strategy": self.strategy.name,
            "steps": self.parameters.model_dump(mode="json"),
            "model": self.base_model,
            "own": self.given.own,
            "options": self.given.options,
            "client": self.given.client,
        }
        return hashlib.sha256(_canonical(told).encode()).hexdigest()[:16]


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str, ensure_ascii=False)
