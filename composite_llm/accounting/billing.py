"""Keeps LiteLLM from putting a price of its own on a composite response.

A Router enters its models into LiteLLM's price table, without a price if it knows none, and LiteLLM then
takes what costs an unknown sum for free. Nothing but the sum of the calls is right, or that it is not known.
"""

from typing import Any


def price_only_by_calls(logging: Any) -> None:  # LiteLLM's Logging of one request
    """From here on the request costs what the response says, and None where that says nothing."""
    calculate = getattr(logging, "response_cost_calculator", None)
    if calculate is None:
        return

    def cost_of(result: Any, *arguments: Any, **named: Any) -> float | None:
        return calculate(result, *arguments, **named) if _is_known(result) else None

    logging.response_cost_calculator = cost_of


def _is_known(response: Any) -> bool:
    hidden: Any = getattr(response, "_hidden_params", None) or {}
    if hidden.get("response_cost") is not None:
        return True
    return getattr(getattr(response, "usage", None), "cost", None) is not None
