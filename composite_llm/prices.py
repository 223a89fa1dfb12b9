"""What a call cost, by LiteLLM's price table as shipped. Unknown is None, never 0."""

from functools import cache
from importlib.metadata import version
from typing import Any

import litellm
from litellm.exceptions import ModelNotMappedError

from composite_llm.ledger import Cost
from composite_llm.route import Route


def cost_of(response: Any, route: Route) -> Cost | None:  # a LiteLLM ModelResponse
    """The cost of one answered call, or None when no price for its model is known.

    The split comes from the table. For a call that really went out, LiteLLM's own total
    wins, because it also knows fees that no token count shows.
    """
    split = _by_table(response, route)
    if split is None:
        return None
    prompt, completion = split
    total = prompt + completion
    if not route.simulated:
        total = response._hidden_params.get("response_cost") or total
    return Cost(input=prompt, output=completion, total=total)


@cache
def price_version() -> str:
    """Names the table a cost came from."""
    return f"litellm-{version('litellm')}"


def _by_table(response: Any, route: Route) -> tuple[float, float] | None:
    try:
        prompt, completion = litellm.cost_per_token(
            model=route.model, custom_llm_provider=route.provider, usage_object=response.usage
        )
    except (ModelNotMappedError, litellm.BadRequestError):
        return None
    if prompt == completion == 0 and not _listed(route):
        return None  # LiteLLM answers 0 for some providers' models it has no price for
    return prompt, completion


def _listed(route: Route) -> bool:
    names = (f"{route.provider}/{route.model}", route.model)
    return any(name in litellm.model_cost for name in names)
