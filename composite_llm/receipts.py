"""What one composite request did and cost, as its client sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from composite_llm.ledger import CallRecord, CostStatus, Ledger, Usage

HIDDEN_PARAM = "composite"
"""Where a response carries its receipt, among LiteLLM's `_hidden_params`."""


@dataclass(frozen=True, slots=True)
class Receipt:
    model: str
    strategy: str
    request_id: str
    trace_id: str
    """32 hex digits; the dashboard finds the run by it."""
    seconds: float
    calls: list[CallRecord]
    """Stage by stage, and in each in the order in which the strategy asked, whoever answered first."""
    usage: Usage
    """Summed over all calls."""
    cost_status: CostStatus
    known_cost_usd: float
    """Of the priced calls: the whole cost when `cost_status` is `known`, else a lower bound."""
    unpriced_models: list[str]
    simulated: bool
    """True when any call was answered by the offline simulator: such money was never billed."""

    @classmethod
    def of(
        cls, ledger: Ledger, *, model: str, strategy: str, request_id: str, trace_id: str, seconds: float
    ) -> "Receipt":
        return cls(
            model=model,
            strategy=strategy,
            request_id=request_id,
            trace_id=trace_id,
            seconds=seconds,
            calls=_in_order(ledger.calls),
            usage=ledger.usage,
            cost_status=ledger.cost_status,
            known_cost_usd=ledger.known_cost_usd,
            unpriced_models=ledger.unpriced_models,
            simulated=any(call.simulated for call in ledger.calls),
        )

    @property
    def cost_usd(self) -> float | None:
        """The whole cost in US dollars, None when part of it is not known."""
        return self.known_cost_usd if self.cost_status == "known" else None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def _in_order(calls: Sequence[CallRecord]) -> list[CallRecord]:
    stages = list(dict.fromkeys(call.stage for call in calls))
    return sorted(calls, key=lambda call: (stages.index(call.stage), call.index, call.attempt))


def receipt(response: Any) -> Receipt:
    """The receipt of a composite response. ValueError for any other response."""
    hidden: Mapping[str, Any] = getattr(response, "_hidden_params", None) or {}
    if HIDDEN_PARAM not in hidden:
        raise ValueError("Not a composite response: its model must start with composite/.")
    return TypeAdapter(Receipt).validate_python(hidden[HIDDEN_PARAM])
