"""A call of a plain model, as LiteLLM reports it to callbacks, in the terms of our books."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import litellm

from composite_llm.accounting.ledger import CallRecord, Cost
from composite_llm.engine.failures import was_refused
from composite_llm.engine.transport import usage_of
from composite_llm.redaction import without_secrets

if TYPE_CHECKING:
    from composite_llm.plugins.plugin import Summary


def record(kwargs: Mapping[str, Any], seconds: float, response: Any, error: Any) -> CallRecord:
    """One line for it. LiteLLM's 0.0 for a model without a price becomes unknown."""
    provider = kwargs.get("custom_llm_provider")
    model = str(kwargs.get("model"))
    total = kwargs.get("response_cost") or (own_cost(response) if response is not None else None)
    return CallRecord(
        stage="",
        role="",
        index=0,
        attempt=1,
        model=f"{provider}/{model}" if provider and not model.startswith(f"{provider}/") else model,
        outcome="ok" if error is None else "error",
        seconds=seconds,
        usage=usage_of(response) if isinstance(response, litellm.ModelResponse) else None,
        cost=Cost(total) if total else None,
        refused=error is not None and was_refused(error),
        error="" if error is None else without_secrets(str(error)),
    )


def summary(call: CallRecord, response: Any, error: Any) -> "Summary":
    from composite_llm.plugins.plugin import Summary

    choices = getattr(response, "choices", None) or []
    text = choices[0].message.content or "" if choices and hasattr(choices[0], "message") else ""
    return Summary(
        outcome="ok" if error is None else type(error).__name__,
        answer=text,
        seconds=call.seconds,
        calls=1,
        known_cost_usd=call.cost.total if call.cost else 0.0,
        unpriced=call.unpriced,
    )


def own_cost(response: Any) -> float | None:
    """US dollars of an answer by LiteLLM's table; None when it has no price for the model."""
    try:
        return litellm.completion_cost(response) or None
    except Exception:  # noqa: BLE001 - LiteLLM raises a bare one for a model without a price
        return None
