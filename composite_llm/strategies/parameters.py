"""What strategies may be told: the shared base of their parameter classes, and lists of models."""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from composite_llm.request.prompts import Prompt
from composite_llm.request.route import COMPOSITE_PREFIX
from composite_llm.strategies.parts.asked import asked_in

_TIMES = re.compile(r"^(?P<model>\S+)\s*[×*]\s*(?P<count>\d+)$|^(?P<model_x>\S+)\s+x\s*(?P<count_x>\d+)$")

MOST_SAMPLES = 64
"""Of one model in one stage: a typing slip must not become a bill."""


class StrategyParameters(BaseModel):
    """One field per parameter; a name that is no field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    only_in_profiles: ClassVar[Sequence[str]] = ()
    """What no request may bring: it may do more than ask models."""

    @abstractmethod
    def models(self, base_model: str) -> list[str]:
        """Every model this strategy may call, so that a name nobody knows stops it before the first call."""

    def composites(self, base_model: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Those of the models that are composites themselves, with the parameters they are asked with."""
        asked = [each for each in asked_in(self) if each.model.startswith(COMPOSITE_PREFIX)]
        told = {each.model for each in asked}
        others = [model for model in dict.fromkeys(self.models(base_model)) if model not in told]
        alone = [(model, {}) for model in others if model.startswith(COMPOSITE_PREFIX)]
        return [*((each.model, each.composite) for each in asked), *alone]

    def complaints(self) -> Sequence[tuple[tuple[str | int, ...], str]]:
        """What no single field shows to be wrong: where, and why. Found before the first call."""
        return ()

    def own_prompts(self) -> Sequence[Prompt]:
        """Prompts that only these parameters bring, beside the strategy's."""
        return ()


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _expanded(models: list[str]) -> list[str]:
    return [model for entry in models for model in repeated(entry)]


def repeated(entry: str) -> list[str]:
    """`openai/gpt-4o × 3` is three samples of one model (Self-MoA); `x` and `*` serve as well."""
    match = _TIMES.match(entry.strip())
    if match is None:
        return [entry.strip()]
    count = int(match["count"] or match["count_x"])
    if count == 0:
        raise ValueError(f"{entry!r} asks for no sample at all: write a number from 1 to {MOST_SAMPLES}")
    if count > MOST_SAMPLES:
        raise ValueError(f"{entry!r} asks for more than {MOST_SAMPLES} samples")
    return [match["model"] or match["model_x"]] * count


Members = Annotated[list[str], BeforeValidator(_as_list), AfterValidator(_expanded)]
"""Models that answer side by side; the same one may stand in it several times."""
