"""What a response says was used: LiteLLM's `Usage` of a whole composite request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import litellm
from litellm.types.utils import CompletionTokensDetailsWrapper, PromptTokensDetailsWrapper

from composite_llm.accounting.ledger import Ledger, Usage
from composite_llm.accounting.other_books import RECORDED_IN, place_of_record
from composite_llm.accounting.receipts import Receipt


def reported_usage(receipt: Receipt) -> litellm.Usage:
    """Tokens by the request's `usage_mode`, and the cost where all of it is known.

    What else there is to say stands under `composite`: on the usage itself, and in `prompt_tokens_details`,
    since of a stream's usage LiteLLM rebuilds the outside and keeps the inside.
    """
    counted = receipt.usage if receipt.usage_mode == "total" else receipt.final_usage or Usage()
    return _as_litellm(counted, receipt.cost_usd, composite=_beside(receipt))


def usage_of_failure(ledger: Ledger) -> litellm.Usage:
    """At least what a request that failed has used and cost. For LiteLLM's books, which know no unknown."""
    return _as_litellm(ledger.usage, ledger.known_cost_usd)


def tell_callbacks(logging_obj: Any, receipt: Receipt) -> None:
    """LiteLLM's record of a request has 0 where the cost is None, which it takes for a number. So what is known
    of the cost goes where a caller may add to that record, and to the proxy's spend logs."""
    _tell(logging_obj, _beside(receipt))


def tell_of_failure(logging_obj: Any, ledger: Ledger) -> None:
    """The same of a request that failed, whose calls were paid for all the same."""
    if ledger.calls:
        logging_obj.record_partial_usage_for_failure(usage_of_failure(ledger), ledger.known_cost_usd)
    known = {"cost_status": ledger.cost_status, "known_cost_usd": ledger.known_cost_usd}
    _tell(logging_obj, {"llm_calls": len(ledger.calls), **known, "unpriced_models": ledger.unpriced_models})


@dataclass(frozen=True, slots=True)
class ToldCost:
    """What LiteLLM's record of a composite says of its cost."""

    known_usd: float
    """All of it, or what is known of it."""
    is_all: bool


def told_cost(details: Mapping[str, Any]) -> ToldCost | None:
    """Out of LiteLLM's `model_call_details`; None before the request has ended."""
    return told_of((details.get("litellm_params") or {}).get("metadata"))


def told_of(metadata: Mapping[str, Any] | None) -> ToldCost | None:
    match ((metadata or {}).get("spend_logs_metadata") or {}).get("composite"):
        case {"known_cost_usd": int() | float() as usd, "cost_status": str(status)}:
            return ToldCost(usd, status == "known")
        case _:  # a client may have written anything there
            return None


def _tell(logging_obj: Any, what: dict[str, Any]) -> None:
    parameters: dict[str, Any] = logging_obj.model_call_details["litellm_params"]
    metadata = parameters.get("metadata") or {}
    added = {**(metadata.get("spend_logs_metadata") or {}), "composite": what}
    parameters["metadata"] = {**metadata, "spend_logs_metadata": added}


def _as_litellm(usage: Usage, cost_usd: float | None, **beside: Any) -> litellm.Usage:
    whole = litellm.Usage(
        prompt_tokens=usage.input,
        completion_tokens=usage.output,
        total_tokens=usage.input + usage.output,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=usage.cached, cache_creation_tokens=usage.cache_write, **beside
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=usage.reasoning),
        **beside,
    )
    if cost_usd is not None:
        whole.cost = cost_usd
    return whole


def _beside(receipt: Receipt) -> dict[str, Any]:
    """The usage that the response does not report, None if unknown, and how far the cost is known."""
    other, usage = (
        ("final", receipt.final_usage) if receipt.usage_mode == "total" else ("total", receipt.usage)
    )
    return {
        "usage_mode": receipt.usage_mode,
        other: None if usage is None else _tokens(usage),
        "llm_calls": len(receipt.calls),
        "cost_status": receipt.cost_status,
        "known_cost_usd": receipt.known_cost_usd,
        "unpriced_models": receipt.unpriced_models,
        "trace_id": receipt.trace_id,
        RECORDED_IN: place_of_record(receipt.trace_id),
        **({"usage_estimated": True} if receipt.usage.estimated else {}),
    }


def _tokens(usage: Usage) -> dict[str, int]:
    """Spelled as in the usage around it."""
    return {
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "cached_tokens": usage.cached,
        "cache_creation_tokens": usage.cache_write,
        "reasoning_tokens": usage.reasoning,
    }
