"""Reading a client's request: which strategy, which models, whose parameters are whose."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from litellm.constants import DEFAULT_CHAT_COMPLETION_PARAM_VALUES
from pydantic import BaseModel, ValidationError

from composite_llm.errors import BadRequest
from composite_llm.options import ONLY_NESTED, Options
from composite_llm.strategies import STRATEGIES, Strategy
from composite_llm.strategies.parameters import StrategyParameters

PREFIX = "composite/"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be run."""

    strategy: Strategy
    base_model: str
    parameters: StrategyParameters
    options: Options
    client_parameters: Mapping[str, Any]

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


def _name_of(value: Any) -> str:
    """Of a function or an object, which no JSON can hold."""
    return getattr(value, "__qualname__", type(value).__qualname__)


def strategy_name(model: str) -> str:
    """`moa` of `moa/openai/gpt-4o`, whether there is such a strategy or not."""
    return model.split("/", 1)[0]


def read_request(model: str, optional_params: Mapping[str, Any], *, stream: bool = False) -> Request:
    """`model` is what follows `composite/`. BadRequest says what is wrong and what to write."""
    name, _, base_model = model.partition("/")
    strategy = _strategy(name, base_model)
    if stream:
        raise BadRequest(f"{PREFIX}{model} does not stream yet. Call it without stream=True.")
    own, client_parameters = _sorted_out(strategy, optional_params)
    options = _validated(
        strategy, Options, {name: own.pop(name) for name in _option_names(strategy) & own.keys()}
    )
    parameters = _validated(strategy, strategy.parameters, own)
    if not base_model and "" in parameters.models(base_model):
        raise BadRequest(f"{PREFIX}{model} names no model. Write {PREFIX}{name}/<provider>/<model>.")
    if "" in parameters.models(base_model):
        raise BadRequest(f"{name}: one of the models is an empty name.")
    return Request(strategy, base_model, parameters, options, client_parameters)


def _strategy(name: str, rest: str) -> Strategy:
    if name == "profile":
        raise BadRequest(f"There is no profile named {rest!r}. Call a strategy by its name: {_known()}.")
    if name not in STRATEGIES:
        near = get_close_matches(name, STRATEGIES, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise BadRequest(f"There is no strategy named {name!r}.{hint} Known strategies: {_known()}.")
    return STRATEGIES[name]


def _known() -> str:
    return ", ".join(f"{PREFIX}{name}/<provider>/<model>" for name in sorted(STRATEGIES))


def _sorted_out(
    strategy: Strategy, optional_params: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The strategy's parameters with the common options, and the client's own.

    The former may stand at the top level, in `composite={...}` or in `optional_params={...}`.
    """
    client = {name: value for name, value in optional_params.items() if name not in ONLY_NESTED}
    own: dict[str, Any] = {}
    for nested in ("optional_params", "composite"):
        own |= _mapping(nested, client.pop(nested, None))
    own |= {name: client.pop(name) for name in _known_names(strategy) if name in client}
    for name in client.keys() - DEFAULT_CHAT_COMPLETION_PARAM_VALUES.keys():
        _refuse_a_slip(strategy, name)
    if not isinstance(client.get("seed"), int | None):
        raise BadRequest(f"seed must be a whole number, not {client['seed']!r:.80}.")
    return own, client


def _option_names(strategy: Strategy) -> set[str]:
    """A strategy's own parameter goes before an option of the same name."""
    return Options.model_fields.keys() - strategy.parameters.model_fields.keys()


def _known_names(strategy: Strategy) -> list[str]:
    return [*strategy.parameters.model_fields, *sorted(_option_names(strategy))]


def _mapping(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict | None):
        raise BadRequest(f"{name} must be a dict of the strategy's parameters, not {value!r:.80}.")
    return {str(key): entry for key, entry in (value or {}).items()}


def _refuse_a_slip(strategy: Strategy, name: str) -> None:
    """A name no provider can know must not be sent to one after the members have been paid."""
    if near := get_close_matches(name, _known_names(strategy), n=1, cutoff=0.8):
        raise BadRequest(f"{strategy.name} has no parameter {name!r}. Did you mean {near[0]!r}?")
    owners = [other.name for other in STRATEGIES.values() if name in other.parameters.model_fields]
    if owners:
        known = ", ".join(strategy.parameters.model_fields) or "none"
        raise BadRequest(f"{strategy.name} has no parameter {name!r}; {owners[0]} has. Its own are: {known}.")


Model = TypeVar("Model", bound=BaseModel)


def _validated(strategy: Strategy, model: type[Model], given: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        problems = "; ".join(_sentence(strategy, model, problem) for problem in error.errors())
        raise BadRequest(f"{strategy.name}: {problems}.") from None


def _sentence(strategy: Strategy, model: type[BaseModel], problem: Any) -> str:
    """One pydantic finding in words, with an example to copy where the field has one."""
    if not problem["loc"]:
        return problem["msg"].removeprefix("Value error, ")
    name = ".".join(map(str, problem["loc"]))
    field = model.model_fields.get(str(problem["loc"][0]))
    if field is None:
        return _unknown(strategy, name)
    example = f", such as {name}={field.examples[0]!r}" if field.examples else ""
    if problem["type"] in {"missing", "too_short"}:
        return f"{name} is required{example}"
    if problem["type"] == "extra_forbidden":
        return f"there is no {name}"
    if problem["type"] == "value_error":
        return f"{name}: {problem['msg'].removeprefix('Value error, ')}"
    return f"{name}: {problem['msg'].lower()}, not {problem['input']!r:.80}"


def _unknown(strategy: Strategy, name: str) -> str:
    near = get_close_matches(name, _known_names(strategy), n=1, cutoff=0.8)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    own = ", ".join(strategy.parameters.model_fields) or "none"
    options = ", ".join(sorted(_option_names(strategy)))
    return f"there is no parameter {name!r}{hint}; known are {own}; and for every strategy {options}"
