"""What an agent CLI says to have used and cost.

Cursor's tells tokens (since the summer of 2026) and no money. Its `inputTokens` do not hold those read from and
written to the cache; ours do. Others that speak the same lines write Anthropic's names, and `total_cost_usd`.
"""

from collections.abc import Mapping
from math import ceil, isfinite
from typing import Any

import litellm
from litellm.types.utils import PromptTokensDetailsWrapper

from composite_llm.accounting.ledger import Cost, Usage
from composite_llm.accounting.prices import cost_of
from composite_llm.request.route import Route

CHARACTERS_A_TOKEN = 4

_NAMES = (
    ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens"),
    ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"),
)


def usage_told(result: Mapping[str, Any]) -> Usage | None:
    """None where it tells none, or what cannot be."""
    told = result.get("usage")
    told = told if isinstance(told, Mapping) else result  # versions of June 2026 have no object for it
    for names in _NAMES:
        if names[0] not in told and names[1] not in told:
            continue
        fresh, output, read, written = (told.get(name, 0) for name in names)
        if all(map(_is_count, (fresh, output, read, written))) and fresh + output + read + written:
            return Usage(fresh + read + written, output, read, written)
    return None


def bill_of(result: Mapping[str, Any], way: Route) -> tuple[Usage | None, Cost | None]:
    """Its tokens and its cost, each None where it is not known: by its own word, else by a registered price."""
    usage, cost = usage_told(result), cost_told(result)
    if usage is None or cost is not None:
        return usage, cost
    reported = litellm.Usage(
        prompt_tokens=usage.input,
        completion_tokens=usage.output,
        total_tokens=usage.input + usage.output,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=usage.cached, cache_creation_tokens=usage.cache_write
        ),
    )
    return usage, cost_of(litellm.ModelResponse(model=way.model, usage=reported), way, usage)


def cost_told(result: Mapping[str, Any]) -> Cost | None:
    """None where it tells none; 0 is what it says of what it does not know, as under a subscription."""
    usd = result.get("total_cost_usd")
    if isinstance(usd, bool) or not isinstance(usd, int | float) or not (isfinite(usd) and usd > 0):
        return None
    return Cost(float(usd), by_provider=True)


def estimated(prompt: str, answer: str) -> Usage:
    """Of what passed through here. The CLI tells its model much more: a lower bound, and marked as estimated."""
    return Usage(_tokens(prompt), _tokens(answer), estimated=True)


def _tokens(text: str) -> int:
    return ceil(len(text) / CHARACTERS_A_TOKEN)


def _is_count(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 2**53
