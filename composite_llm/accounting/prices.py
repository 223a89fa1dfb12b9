"""What a call cost, by LiteLLM's price table as shipped, else by a price of the user's own. Unknown is None, never 0."""

from functools import cache
from importlib.metadata import version
from math import isclose
from typing import Any

import litellm
from litellm.exceptions import ModelNotMappedError

from composite_llm.accounting import own_prices
from composite_llm.accounting.ledger import Cost, Usage
from composite_llm.accounting.other_books import other_books
from composite_llm.agent_cli.finding import PROVIDER as AGENT_CLI
from composite_llm.request.route import Route


def cost_of(response: Any, way: Route, usage: Usage | None = None) -> Cost | None:  # a LiteLLM ModelResponse
    """The cost of one answered call, or None when no price for its model is known.

    `usage` is what it used, for a price that LiteLLM's table lacks and the user has written down.
    """
    known = _known_cost(response, way)
    if known is not None or usage is None or other_books(response.usage):
        return known
    own = own_prices.price_now(way.name)
    return own.cost(usage) if own else None


def _known_cost(response: Any, way: Route) -> Cost | None:
    """By whatever there is but the user's own prices.

    For a call that really went out LiteLLM's own figure wins, since it knows which model
    answered and fees that no token count shows. A simulated one has the price of the model
    that was asked for. A composite on another server costs what it says, whatever its name.
    """
    if way.simulated:
        return _by_table(way.model, way.provider, response)
    if way.deployed and way.deployed.priced_as:
        return _by_table(way.priced_as, way.provider, response)
    if books := other_books(response.usage):
        return None if books.cost_usd is None else Cost(books.cost_usd)
    total = response._hidden_params.get("response_cost")
    by_table = _by_table(response.model or way.model, way.provider, response)
    by_table = by_table or _by_table(way.priced_as, way.provider, response)
    if not total:
        return by_table
    if by_table and isclose(by_table.total, total):
        return by_table
    return Cost(total)


def price_of_tokens(way: Route, input_tokens: int, output_tokens: int) -> float | None:
    """US dollars, nothing cached; None when no price for the model is known."""
    known = _listed_price_of_tokens(way, input_tokens, output_tokens)
    if known is None and (own := own_prices.price_now(way.name)):
        return own.most(input_tokens, output_tokens)
    return known


def _listed_price_of_tokens(way: Route, input_tokens: int, output_tokens: int) -> float | None:
    if _bills_otherwise(way.priced_as, way.provider):
        return None
    try:
        parts = litellm.cost_per_token(
            model=way.priced_as,
            custom_llm_provider=way.provider,
            prompt_tokens=input_tokens,
            completion_tokens=output_tokens,
        )
    except (ModelNotMappedError, litellm.BadRequestError):
        return None
    if sum(parts) == 0 and input_tokens + output_tokens and not _free_by_table(way.priced_as, way.provider):
        return None
    return sum(parts)


@cache
def price_version() -> str:
    """Names the table a cost came from."""
    return f"litellm-{version('litellm')}"


def _by_table(model: str, provider: str, response: Any) -> Cost | None:
    if _bills_otherwise(model, provider):
        return None
    try:
        prompt, completion = litellm.cost_per_token(
            model=model, custom_llm_provider=provider, usage_object=response.usage
        )
    except (ModelNotMappedError, litellm.BadRequestError):
        return None
    if prompt == completion == 0 and not _free_by_table(model, provider):
        return None  # LiteLLM answers 0 where its table has no price as well
    return Cost(prompt + completion, prompt, completion)


def _bills_otherwise(model: str, provider: str) -> bool:
    """An agent CLI has names of models that LiteLLM would take for another provider's, with its price: of those it
    has only what somebody has registered under the whole name."""
    return provider == AGENT_CLI and f"{provider}/{model}" not in litellm.model_cost


def _free_by_table(model: str, provider: str) -> bool:
    """Whether the table says in so many words that this model's tokens cost nothing."""
    prices = ("input_cost_per_token", "output_cost_per_token")
    for name in (f"{provider}/{model}", model):
        if entry := litellm.model_cost.get(name):
            return all(entry.get(price) == 0 for price in prices)
    return False
