"""Reading a client's request: which strategy, which models, whose parameters are whose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from composite_llm import profiles
from composite_llm.errors import BadRequest
from composite_llm.profiles import Profile
from composite_llm.request.asked import wrong_parameter
from composite_llm.request.client_tools import wrong_choice
from composite_llm.request.findings import joined, validated
from composite_llm.request.given import Given, sort_out
from composite_llm.request.options import Options
from composite_llm.request.route import COMPOSITE_PREFIX
from composite_llm.strategies import STRATEGIES, Strategy
from composite_llm.strategies.parameters import StrategyParameters

PREFIX = COMPOSITE_PREFIX


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be run."""

    strategy: Strategy
    base_model: str
    parameters: StrategyParameters
    options: Options
    client_parameters: Mapping[str, Any]
    profile: Profile | None = None

    @property
    def configuration(self) -> str:
        """Equal for requests that run the same way; options left alone say nothing."""
        options = self.options.model_dump_json(exclude_defaults=True, fallback=_name_of)
        own = self.parameters.model_dump_json()
        return f"{self.strategy.name}/{self.base_model} {own} {options}"

    @property
    def models(self) -> list[str]:
        """Every model that may be called."""
        fallbacks = [model for chain in self.options.fallbacks.values() for model in chain]
        return [*self.parameters.models(self.base_model), *fallbacks]

    @property
    def composites(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Those of the models that are composites themselves, with the parameters they are asked with."""
        return self.parameters.composites(self.base_model)


def _name_of(value: Any) -> str:
    """Of a function or an object, which no JSON can hold."""
    return getattr(value, "__qualname__", type(value).__qualname__)


def strategy_name(model: str) -> str:
    """`moa` of `moa/openai/gpt-4o` and of a profile of it; whether there is such a strategy or not."""
    name = model.split("/", 1)[0]
    profile = None if name in STRATEGIES else profiles.find(_profile_name(model))
    return profile.strategy.name if profile else name


def base_model_of(model: str) -> str:
    """The base model that `model`, a profile or a strategy with its model, stands for; empty for none."""
    name, _, rest = model.partition("/")
    profile = None if name in STRATEGIES else profiles.find(_profile_name(model))
    if profile:
        return profile.base_model
    return STRATEGIES[name].base_model(rest) if name in STRATEGIES else rest


def read_request(
    model: str,
    optional_params: Mapping[str, Any],
    *,
    deployment: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> Request:
    """`model` is what follows `composite/`. BadRequest says what is wrong and what to write.

    `deployment`: what a Router's deployment gives; `optional_params` win over it, and it over a profile.
    `folder`: where relative names of prompt files start, None where the request may not name any.
    """
    strategy, base_model, profile = _asked_for(model)
    given = profile.given if profile else Given()
    below = deployment or {}
    calls_own = {
        name: value
        for name, value in optional_params.items()
        if name not in below or value != below[name]  # the Router has put the deployment's there
    }
    for layer in (below, calls_own):
        given = given.under(sort_out(strategy, layer, folder))
    if wrong := wrong_parameter(given.client):
        raise BadRequest(f"{wrong[1]}.")
    if wrong := wrong_choice(given.client):
        raise BadRequest(f"{wrong}.")
    parameters, options = validated(strategy, given)
    if not base_model and "" in parameters.models(base_model):
        raise BadRequest(f"{PREFIX}{model} names no model. Write {strategy.form}.")
    if "" in parameters.models(base_model):
        raise BadRequest(f"{strategy.name}: one of the models is an empty name.")
    return Request(strategy, base_model, parameters, options, given.client, profile)


def _asked_for(model: str) -> tuple[Strategy, str, Profile | None]:
    """The strategy, its base model, and the profile that names both where one was asked for."""
    name, _, rest = model.partition("/")
    if name in STRATEGIES:
        return STRATEGIES[name], STRATEGIES[name].base_model(rest), None
    wanted = _profile_name(model)
    if profile := profiles.find(wanted):
        return profile.strategy, profile.base_model, profile
    if broken := profiles.problems_of(wanted):
        raise BadRequest(f"The profile {wanted!r} cannot be used. {joined(list(map(str, broken)))}")
    if name in profiles.names():
        raise BadRequest(f"{name!r} is a profile: write {PREFIX}{name} alone, since it names its own model.")
    raise BadRequest(_no_profile(wanted) if name == "profile" else _no_strategy(name, bare=not rest))


def _profile_name(model: str) -> str:
    """`quick` of `profile/quick` and of `quick`."""
    return model.removeprefix("profile/")


def _no_profile(wanted: str) -> str:
    known = sorted(profiles.names())
    hint = _near(wanted, known)
    return f"There is no profile named {wanted!r}.{hint} Known profiles: {', '.join(known) or 'none'}."


def _no_strategy(name: str, *, bare: bool) -> str:
    """`bare`: no model followed, so that a profile may have been meant."""
    known = sorted(profiles.names()) if bare else []
    kind = "strategy or profile" if bare else "strategy"
    strategies = ", ".join(STRATEGIES[each].form for each in sorted(STRATEGIES))
    others = f"; profiles: {', '.join(known)}" if known else ""
    hint = _near(name, [*STRATEGIES, *known])
    return f"There is no {kind} named {name!r}.{hint} Known strategies: {strategies}{others}."


def _near(name: str, known: Sequence[str]) -> str:
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), by_lower, n=1)
    return f" Did you mean {by_lower[near[0]]!r}?" if near else ""
