"""What is asked for, as it comes from outside."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Asked(BaseModel):
    """A composite and its question; the models under it are simulated where that is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(pattern="^composite/.")
    question: str = ""
    system: str = ""
    parameters: dict[str, Any] = {}
    """Of the strategy and options, as any call gives them."""
    timeout_s: float | None = Field(None, gt=0)
    simulate: bool = False

    @property
    def messages(self) -> list[dict[str, str]]:
        system = [{"role": "system", "content": self.system}] if self.system.strip() else []
        return [*system, {"role": "user", "content": self.question}]


class Order(BaseModel):
    """A line of the input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    do: Literal["estimate", "run", "cancel"]
    number: int = 0
    """Comes back with the estimate."""
    asked: Asked | None = None
