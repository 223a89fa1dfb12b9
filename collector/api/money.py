"""Money in answers: a sum over calls of which some have no known price is a lower bound, and says so."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

TOKENS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")


def cost(row: Mapping[str, Any]) -> dict[str, Any]:
    """The cost of what `row` sums up; null where calls were made and no price is known."""
    is_known = bool(row["priced_calls"]) or not row["unpriced_calls"]
    return {
        "cost_usd": row["spend_usd"] if is_known else None,
        "is_lower_bound": bool(row["unpriced_calls"]),
        "unpriced_calls": row["unpriced_calls"],
    }


def receipts(spans: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What the calls among the spans used and cost: all of them, and by model, the dearest first.

    A container that tells of more than its calls is no call, but makes the sum a lower bound.
    """
    telling = [span for span in spans if span["is_llm_call"] or span["billing"] == "unpriced"]
    by_model: dict[str, list[Mapping[str, Any]]] = {}
    for span in telling:
        by_model.setdefault(span["model"] or "unknown", []).append(span)
    models: list[dict[str, Any]] = [{"model": model} | _receipt(theirs) for model, theirs in by_model.items()]
    models.sort(key=lambda receipt: (-(receipt["cost_usd"] or 0.0), receipt["model"]))
    return {"total": _receipt(telling), "by_model": models}


def _receipt(telling: list[Mapping[str, Any]]) -> dict[str, Any]:
    calls = [span for span in telling if span["is_llm_call"]]
    billings = [span["billing"] for span in telling]
    money = {
        # As exact as the amounts themselves, in whatever order they come.
        "spend_usd": math.fsum(call["cost_usd"] or 0.0 for call in calls),
        "priced_calls": billings.count("priced"),
        "unpriced_calls": billings.count("unpriced"),
    }
    return {"calls": len(calls), **cost(money)} | {
        name: sum(call[name] or 0 for call in calls) for name in TOKENS
    }
