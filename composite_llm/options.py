"""What every strategy takes beside its own parameters: how calls are made, what may be spent.

Given like strategy parameters: at the top level of a call, in `composite={...}` or in
`optional_params={...}`. The names in `ONLY_NESTED` mean something of LiteLLM's own at the top level,
so they are read in the other two places only.
"""

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    model_validator,
)

Seconds = Annotated[FiniteFloat, Field(gt=0)]

ONLY_NESTED = ("fallbacks", "max_retries")
"""LiteLLM would run the whole composite again, and its Router sends a `max_retries` of its own."""


def _as_chain(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _per_model(value: Any) -> Any:
    """A list of models, or one model, stands behind every model."""
    return {"*": value} if isinstance(value, str | list) else value


def _without_itself(chains: dict[str, list[str]]) -> dict[str, list[str]]:
    return {model: [other for other in chain if other != model] for model, chain in chains.items()}


Chain = Annotated[list[str], BeforeValidator(_as_chain), Field(min_length=1)]
Fallbacks = Annotated[dict[str, Chain], BeforeValidator(_per_model), AfterValidator(_without_itself)]


class Budget(BaseModel):
    """What one request, with all composites nested in it, may use; None is no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_cost_usd: Annotated[FiniteFloat, Field(gt=0)] | None = None
    max_calls: Annotated[int, Field(ge=1)] | None = None
    """Attempts: one that is tried again counts twice."""
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    """Input and output of all calls together."""
    reserve_for_final: Annotated[FiniteFloat, Field(ge=0, lt=1)] = 0.1
    """Share of each limit that only the final call may use; of `max_calls` at least one call."""
    on_exceeded: Literal["degrade", "stop"] = "degrade"
    """`degrade`: shorten, then leave out what does not fit, and answer from the rest. `stop`: fail at once."""

    @property
    def limited(self) -> bool:
        return not self.max_cost_usd is self.max_calls is self.max_tokens is None


class Options(BaseModel):
    """Common to all strategies. Seconds are wall-clock seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min_responses: Annotated[int, Field(ge=1)] | None = None
    """So many answers of a fan-out are enough: the others have `grace_s` more. None waits for all."""
    grace_s: Annotated[FiniteFloat, Field(ge=0)] = 5.0
    member_timeout_s: Seconds | None = None
    """For each call that is not the final one, with all its attempts."""
    hard_timeout_s: Seconds | None = None
    """For the whole request, where the client's `timeout` is longer."""
    max_retries: Annotated[int, Field(ge=0, le=10)] = 2
    """Attempts after the first, of one call at one model."""
    hedge_after_s: Seconds | None = None
    """An attempt that takes longer gets a second one beside it; the first answer wins."""
    fallbacks: Annotated[Fallbacks, Field(examples=[["openai/gpt-4o-mini"]])] = {}
    """Models to ask, in this order, when a call has failed for good: for all models, or by model
    (`{"openai/gpt-4o": [...], "*": [...]}`)."""
    single_survivor: Literal["return", "synthesize"] = "synthesize"
    """What to do with one answer out of several that were asked for: give it out as it is, or go on."""
    on_all_failed: Literal["error", "direct"] = "error"
    """`direct`: when no member answers, ask the base model alone."""
    degraded_notice: Literal["loud", "silent"] = "silent"
    """`loud`: the final call is told how many were asked and did not answer."""
    budget: Budget = Budget()
    max_cost_usd: Annotated[FiniteFloat, Field(gt=0)] | None = None
    """Short for `budget={"max_cost_usd": …}`."""
    max_calls: Annotated[int, Field(ge=1)] | None = None
    """Short for `budget={"max_calls": …}`."""

    @model_validator(mode="after")
    def _one_limit_each(self) -> "Options":
        for name in ("max_cost_usd", "max_calls"):
            alone, within = getattr(self, name), getattr(self.budget, name)
            if alone is not None and within is not None and alone != within:
                raise ValueError(f"{name} is {alone} and budget.{name} is {within}; give one of them")
        return self

    @property
    def limits(self) -> Budget:
        """The budget, with what was given beside it."""
        alone = {name: getattr(self, name) for name in ("max_cost_usd", "max_calls")}
        return self.budget.model_copy(update={name: most for name, most in alone.items() if most is not None})

    def fallbacks_of(self, model: str) -> list[str]:
        chain = self.fallbacks.get(model, self.fallbacks.get("*", []))
        return [other for other in chain if other != model]
