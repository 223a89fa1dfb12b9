"""Keeps LiteLLM from putting a price of its own on a composite response.

A Router enters its models into LiteLLM's price table, without a price if it knows none, and LiteLLM then
takes what costs an unknown sum for free. Nothing but the sum of the calls is right, or that it is not known.
"""

from collections.abc import Mapping
from functools import wraps
from typing import Any

import litellm
from litellm.exceptions import ModelNotMappedError

from composite_llm.accounting.reporting import told_cost
from composite_llm.host import PROVIDER


def price_only_by_calls(logging: Any) -> None:  # LiteLLM's Logging of one request
    """From here on the request costs what the response says, and None where that says nothing."""
    calculate = getattr(logging, "response_cost_calculator", None)
    if calculate is None:
        return

    def cost_of(result: Any, *arguments: Any, **named: Any) -> float | None:
        details: Mapping[str, Any] = logging.model_call_details
        # One record serves a request and all that a Router falls back to, which may be plain models.
        if details.get("custom_llm_provider") != PROVIDER or _is_known(result):
            return calculate(result, *arguments, **named)
        # Answers of other shapes than a chat's (`/v1/messages`, `/v1/completions`) lose what was written on them.
        told = told_cost(details)
        return told.known_usd if told and told.is_all else None

    logging.response_cost_calculator = cost_of


def price_no_names() -> None:
    """Keep LiteLLM from pricing a composite by its name. Calling it again changes nothing.

    It finds a name that a Router has entered without a price, or takes an unknown one for a model of a family
    that it knows by a part of the name (`claude-sonnet`, `gpt-5`), and calls a price that it does not know 0:
    `stream_chunk_builder` and `completion_cost` would say that a composite whose cost is unknown was free.
    """
    by_name = litellm.cost_calculator.cost_per_token
    if getattr(by_name, "prices_no_composites", False):
        return

    @wraps(by_name)
    def of_other_providers(model: str = "", *arguments: Any, **named: Any) -> tuple[float, float]:
        if PROVIDER in (named.get("custom_llm_provider"), *arguments[3:4], model.partition("/")[0]):
            raise ModelNotMappedError(
                f"{model}: a composite costs what its calls cost, which its receipt says."
            )
        return by_name(model, *arguments, **named)

    of_other_providers.prices_no_composites = True  # pyright: ignore[reportAttributeAccessIssue]
    litellm.cost_calculator.cost_per_token = of_other_providers
    litellm.cost_per_token = of_other_providers


def _is_known(response: Any) -> bool:
    hidden: Any = getattr(response, "_hidden_params", None) or {}
    if hidden.get("response_cost") is not None:
        return True
    usage = getattr(response, "usage", None)
    return isinstance(response, litellm.ModelResponse) and getattr(usage, "cost", None) is not None
