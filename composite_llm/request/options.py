"""What every strategy takes beside its own parameters: how calls are made, what may be spent.

Given like strategy parameters: at the top level of a call, in `composite={...}` or in
`optional_params={...}`. The names in `ONLY_NESTED` mean something of LiteLLM's own at the top level,
so they are read in the other two places only.
"""

import re
from collections.abc import Callable, Mapping
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

ONLY_NESTED = ("cache", "fallbacks", "max_retries")
"""LiteLLM takes the first two for itself, and its Router sends a `max_retries` of its own."""


def _as_chain(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _per_model(value: Any) -> Any:
    """A list of models, or one model, stands behind every model."""
    return {"*": value} if isinstance(value, str | list) else value


def _without_itself(chains: dict[str, list[str]]) -> dict[str, list[str]]:
    return {model: [other for other in chain if other != model] for model, chain in chains.items()}


Chain = Annotated[list[str], BeforeValidator(_as_chain), Field(min_length=1)]
Fallbacks = Annotated[dict[str, Chain], BeforeValidator(_per_model), AfterValidator(_without_itself)]


class Limits(BaseModel):
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


def _fanout(value: str) -> str:
    if value not in ("user_turn", "per_iteration", "off") and not re.fullmatch(
        r"every_n:[1-9]\d{0,3}", value
    ):
        raise ValueError(f"{value!r} is none of user_turn, per_iteration, off, every_n:<number>")
    return value


Fanout = Annotated[str, AfterValidator(_fanout), Field(examples=["every_n:3"])]


class Cache(BaseModel):
    """Answers that were paid for already, to be used again for exactly the same question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    panel: bool = False
    """Of every call but the final one."""
    response: bool = False
    """Of whole requests, unless tools are run inside."""
    ttl_s: Seconds = 3600.0


def _cache(value: Any) -> Any:
    """`True` is both kinds; a word is the one it names."""
    if isinstance(value, bool):
        return {"panel": value, "response": value}
    return {value: True} if value in ("panel", "response") else value


class Baseline(BaseModel):
    """One plain call beside a share of requests, so that what a composite adds is measured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Annotated[str, Field(min_length=1, examples=["openai/gpt-4o"])]
    sample_rate: Annotated[FiniteFloat, Field(ge=0, le=1)]
    """Share of requests, chosen by their ids; 1 is all of them."""


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
    budget: Limits = Limits()
    max_cost_usd: Annotated[FiniteFloat, Field(gt=0)] | None = None
    """Short for `budget={"max_cost_usd": …}`."""
    max_calls: Annotated[int, Field(ge=1)] | None = None
    """Short for `budget={"max_calls": …}`."""
    usage_mode: Literal["total", "final"] = "total"
    """What the response reports as its usage: of all calls together, as billed, or of the call whose answer it
    is, which shows how full the context window is. The other one stands beside it, under `composite`."""
    progress: Literal["none", "reasoning"] = "none"
    """`reasoning`: a stream tells in `reasoning_content` how the work before the answer goes on."""
    keepalive_s: Annotated[FiniteFloat, Field(ge=0)] = 15.0
    """A stream with nothing to say sends an empty chunk so often, so that nobody on the way takes the
    connection for dead. 0: never."""
    tool_policy: Literal["final_only", "passthrough_on_tools", "vote", "members_internal", "reject"] = (
        "final_only"
    )
    """Who meets the client's tools. `final_only`: the final model; the others read what was called and what
    came back. `passthrough_on_tools`: the final model, and where there are tools nobody else is asked. `vote`:
    every member, and what most of them would do is done. `members_internal`: the final model, while members
    have tools that run here. `reject`: nobody, a request with tools is refused."""
    tool_executor: Callable[..., Any] | Mapping[str, Callable[..., Any]] | None = None
    """Runs the client's tools here, so that the answer is words: one function that takes a tool's name and a
    dict of its arguments, or a function for each tool, which gets the arguments by name. Sync or async."""
    max_tool_calls: Annotated[int, Field(ge=1, le=128)] = 8
    """That run here for one model; after them it has to answer without."""
    internal_tools: list[str] | None = None
    """Registered tools that members have under `members_internal`. None: all."""
    tool_result_chars: Annotated[int, Field(ge=200)] = 4000
    """What members read of a tool's arguments or result, head and tail."""
    fanout: Fanout = "user_turn"
    """When members are asked again while the client runs tools: not before the user's next turn, at each
    request (`per_iteration`), or at every so many (`every_n:3`). In between their answers are reused; where
    those are gone, members are asked again, or with `off` the final model goes on alone."""
    injection: Literal["auto", "system", "tail_user"] = "auto"
    """Where the final model finds others' answers: in the system message, or after the last user turn, which
    keeps all before it in the provider's prompt cache. `auto`: the latter where there are tools or earlier
    turns, else where the strategy's source has them."""
    cache: Annotated[Cache, BeforeValidator(_cache)] = Cache()
    prompts: dict[str, str] = {}
    """Instructions of our own to replace, by stage: `{"aggregate": "…"}`. Profiles may name files instead."""
    language: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\r\n]+$")] | None = None
    """Of the final answer, or its spelling: `German`, `British English`."""
    max_composite_depth: Annotated[int, Field(ge=0, le=8)] = 1
    """How deep composites may be members of composites: 1 allows one inside this one, 0 none."""
    baseline: Baseline | None = None

    @model_validator(mode="after")
    def _one_limit_each(self) -> "Options":
        for name in ("max_cost_usd", "max_calls"):
            alone, within = getattr(self, name), getattr(self.budget, name)
            if alone is not None and within is not None and alone != within:
                raise ValueError(f"{name} is {alone} and budget.{name} is {within}; give one of them")
        return self

    @property
    def limits(self) -> Limits:
        """The budget, with what was given beside it."""
        alone = {name: getattr(self, name) for name in ("max_cost_usd", "max_calls")}
        return self.budget.model_copy(update={name: most for name, most in alone.items() if most is not None})

    def fallbacks_of(self, model: str) -> list[str]:
        chain = self.fallbacks.get(model, self.fallbacks.get("*", []))
        return [other for other in chain if other != model]
