"""What one composite request did and cost, as its client sees it."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pydantic import TypeAdapter

from composite_llm.accounting.budget import Budget
from composite_llm.accounting.ledger import CallRecord, CostStatus, Ledger, Usage

HIDDEN_PARAM = "composite"
"""Where a response carries its receipt, among LiteLLM's `_hidden_params`."""

MOST_STREAMS = 1000
"""So many receipts of streams are kept for who asks for one."""


@dataclass(frozen=True, slots=True)
class BudgetReport:
    """The limits of a request, and what was not done for their sake."""

    max_cost_usd: float | None
    max_calls: int | None
    max_tokens: int | None
    refused: int
    """Calls that were not made."""
    shortened: int
    """Calls whose answer was limited to fewer tokens than it might have taken."""

    @classmethod
    def of(cls, budget: Budget) -> "BudgetReport | None":
        """None where nothing was limited."""
        limits = budget.limits
        given = (limits.max_cost_usd, limits.max_calls, limits.max_tokens)
        return cls(*given, budget.refused, budget.shortened) if budget.limited else None


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
    degraded: list[str] = field(default_factory=list[str])
    """Why the answer is built on less than was asked for, in sentences; empty when it is not."""
    budget: BudgetReport | None = None
    """None where nothing was limited."""
    final_usage: Usage | None = None
    """Of the call whose answer the client got. None when its provider reported none, or nobody answered."""
    usage_mode: Literal["total", "final"] = "total"
    """Which of the two the response reports as its usage."""
    baseline_trace_id: str | None = None
    """Of the plain request beside this one, whose cost is in its own trace and not in here. None: it has none."""

    @classmethod
    def of(
        cls,
        ledger: Ledger,
        *,
        model: str,
        strategy: str,
        request_id: str,
        trace_id: str,
        seconds: float,
        degraded: Sequence[str] = (),
        budget: BudgetReport | None = None,
        final_usage: Usage | None = None,
        usage_mode: Literal["total", "final"] = "total",
        baseline_trace_id: str | None = None,
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
            degraded=list(degraded),
            budget=budget,
            final_usage=final_usage,
            usage_mode=usage_mode,
            baseline_trace_id=baseline_trace_id,
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
    """The receipt of a composite response; of a stream that has ended, of any of its chunks, or of the response
    that `litellm.stream_chunk_builder` makes of them. ValueError for anything else."""
    hidden: Mapping[str, Any] = getattr(response, "_hidden_params", None) or {}
    if HIDDEN_PARAM in hidden:
        return TypeAdapter(Receipt).validate_python(hidden[HIDDEN_PARAM])
    response_id = getattr(response, "id", None) or getattr(response, "response_id", None)
    if streamed := _of_streams.get(str(response_id)):
        return streamed
    raise ValueError(
        "Not a composite response: its model must start with composite/. A stream has its receipt when it has "
        f"ended, in the process that asked for it; the last {MOST_STREAMS} are kept."
    )


_of_streams: OrderedDict[str, Receipt] = OrderedDict()
_lock = threading.Lock()


def keep(response_id: str, receipt: Receipt) -> None:
    """Keep a stream's receipt by its id: LiteLLM makes the last chunks itself, and nothing else of ours is on them."""
    with _lock:
        _of_streams[response_id] = receipt
        while len(_of_streams) > MOST_STREAMS:
            _of_streams.popitem(last=False)
