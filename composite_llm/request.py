"""Reading a client's request: which strategy, which models, whose parameters are whose."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from litellm.constants import DEFAULT_CHAT_COMPLETION_PARAM_VALUES
from pydantic import ValidationError

from composite_llm.errors import BadRequest
from composite_llm.strategies import STRATEGIES, Strategy
from composite_llm.strategies.parameters import StrategyParameters

PREFIX = "composite/"

_OF_THE_ENGINE = ("max_retries",)
"""What LiteLLM passes on although it is about how calls are made: the engine decides that for each."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be run."""

    strategy: Strategy
    base_model: str
    parameters: StrategyParameters
    client_parameters: Mapping[str, Any]


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
    parameters = _validated(strategy, own)
    if not base_model and "" in parameters.models(base_model):
        raise BadRequest(f"{PREFIX}{model} names no model. Write {PREFIX}{name}/<provider>/<model>.")
    if "" in parameters.models(base_model):
        raise BadRequest(f"{name}: one of the models is an empty name.")
    return Request(strategy, base_model, parameters, client_parameters)


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
    """The strategy's parameters, and the client's own.

    The former may stand at the top level, in `composite={...}` or in `optional_params={...}`.
    """
    client = {name: value for name, value in optional_params.items() if name not in _OF_THE_ENGINE}
    own: dict[str, Any] = {}
    for nested in ("optional_params", "composite"):
        own |= _mapping(nested, client.pop(nested, None))
    fields = strategy.parameters.model_fields
    own |= {name: client.pop(name) for name in fields if name in client}
    for name in client.keys() - DEFAULT_CHAT_COMPLETION_PARAM_VALUES.keys():
        _refuse_a_slip(strategy, name)
    if not isinstance(client.get("seed"), int | None):
        raise BadRequest(f"seed must be a whole number, not {client['seed']!r:.80}.")
    return own, client


def _mapping(name: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict | None):
        raise BadRequest(f"{name} must be a dict of the strategy's parameters, not {value!r:.80}.")
    return {str(key): entry for key, entry in (value or {}).items()}


def _refuse_a_slip(strategy: Strategy, name: str) -> None:
    """A name no provider can know must not be sent to one after the members have been paid."""
    fields = strategy.parameters.model_fields
    if near := get_close_matches(name, fields, n=1, cutoff=0.8):
        raise BadRequest(f"{strategy.name} has no parameter {name!r}. Did you mean {near[0]!r}?")
    owners = [other.name for other in STRATEGIES.values() if name in other.parameters.model_fields]
    if owners:
        known = ", ".join(fields) or "none"
        raise BadRequest(f"{strategy.name} has no parameter {name!r}; {owners[0]} has. Its own are: {known}.")


def _validated(strategy: Strategy, given: Mapping[str, Any]) -> StrategyParameters:
    try:
        return strategy.parameters.model_validate(given)
    except ValidationError as error:
        problems = "; ".join(_sentence(strategy, problem) for problem in error.errors())
        raise BadRequest(f"{strategy.name}: {problems}.") from None


def _sentence(strategy: Strategy, problem: Any) -> str:
    """One pydantic finding in words, with an example to copy where the field has one."""
    if not problem["loc"]:
        return problem["msg"].removeprefix("Value error, ")
    name = str(problem["loc"][0])
    field = strategy.parameters.model_fields.get(name)
    if field is None:
        return f"there is no parameter {name!r}; known are {', '.join(strategy.parameters.model_fields)}"
    example = f", such as {name}={field.examples[0]!r}" if field.examples else ""
    if problem["type"] in {"missing", "too_short"}:
        return f"{name} is required{example}"
    if problem["type"] == "value_error":
        return f"{name}: {problem['msg'].removeprefix('Value error, ')}"
    return f"{name}: {problem['msg'].lower()}, not {problem['input']!r:.80}"
