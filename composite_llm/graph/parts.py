"""What steps are made of: names, models, numbers within bounds, and the experts of a fan-out."""

from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StringConstraints,
    TypeAdapter,
)

from composite_llm.strategies.parameters import Members

MOST_ROUNDS = 16
"""Of a loop: a condition that never comes true must not become a bill."""

StepName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
Temperature = Annotated[FiniteFloat, Field(ge=0, le=2)]
Tokens = Annotated[int, Field(ge=1)]
Model = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Inputs = Annotated[list[StepName], BeforeValidator(as_list), Field(min_length=1)]
"""One step's name, or several."""


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expert(Part):
    """One who answers in a fan-out."""

    model: Model
    role: str = ""
    """What it is told it is: a system prompt."""
    temperature: Temperature | None = None
    max_tokens: Tokens | None = None
    count: Annotated[int, Field(ge=1, le=64)] = 1
    """So many samples of it."""


_MEMBERS: TypeAdapter[list[str]] = TypeAdapter(Members)


def _as_expert(value: Any) -> Any:
    """`openai/gpt-4o × 3` is short for a model and its count."""
    if not isinstance(value, str):
        return value
    models = _MEMBERS.validate_python(value)
    return {"model": models[0], "count": len(models)} if models else value


Experts = Annotated[
    list[Annotated[Expert, BeforeValidator(_as_expert)]], BeforeValidator(as_list), Field(min_length=1)
]
