"""Keeps LiteLLM from putting a price of its own on a composite response.

A Router enters its models into LiteLLM's price table, without a price if it knows none, and LiteLLM then
takes what costs an unknown sum for free. Nothing but the sum of the calls is right, or that it is not known.
"""

from typing import Any

import litellm

from composite_llm.host import PROVIDER


def price_only_by_calls(logging: Any) -> None:  # LiteLLM's Logging of one request
    """From here on the request costs what the response says, and None where that says nothing."""
    calculate = getattr(logging, "response_cost_calculator", None)
    if calculate is None:
        return

    def cost_of(result: Any, *arguments: Any, **named: Any) -> float | None:
        return calculate(result, *arguments, **named) if _is_known(result) else None

    logging.response_cost_calculator = cost_of


def price_no_names() -> None:
    """Keep LiteLLM from pricing a composite by the look of its name. Calling it again changes nothing.

    It takes an unknown model for one of a family that it knows by a part of the name (`claude-sonnet`, `gpt-5`),
    whose price it does not know and so calls 0: `stream_chunk_builder` and `completion_cost` would say that a
    composite whose cost is unknown was free. Now they find no price, as with names of no family.
    """
    by_family = getattr(litellm.utils, "_get_model_info_from_generalization", None)
    if by_family is None or getattr(by_family, "prices_no_composites", False):
        return

    def of_other_providers(*arguments: Any, **named: Any) -> Any:
        is_ours = PROVIDER in (named.get("custom_llm_provider"), *arguments[2:])
        return None if is_ours else by_family(*arguments, **named)

    of_other_providers.prices_no_composites = True  # pyright: ignore[reportFunctionMemberAccess]
    litellm.utils._get_model_info_from_generalization = of_other_providers


def _is_known(response: Any) -> bool:
    hidden: Any = getattr(response, "_hidden_params", None) or {}
    if hidden.get("response_cost") is not None:
        return True
    return getattr(getattr(response, "usage", None), "cost", None) is not None
