"""What is said of a request when it ends: on its span, and in its receipt."""

import time

from composite_llm import telemetry
from composite_llm.accounting.ledger import Ledger
from composite_llm.accounting.receipts import BudgetReport, Receipt
from composite_llm.engine.run import Reply, Run
from composite_llm.errors import BudgetExceeded, DeadlineExceeded
from composite_llm.streaming.sink import Sink
from composite_llm.telemetry import Span


def why_stopped(error: Exception) -> tuple[str, str | None]:
    """The reason on the span, and the type of the error where it has a name of its own."""
    if isinstance(error, DeadlineExceeded):
        return "timeout", "timeout"
    return ("budget", "budget_exceeded") if isinstance(error, BudgetExceeded) else ("error", None)


def receipt_of(reply: Reply, run: Run, model: str, started: float) -> Receipt:
    return Receipt.of(
        run.ledger,
        model=model,
        strategy=run.identity.strategy,
        request_id=run.identity.request_id,
        trace_id=telemetry.trace_id(run.span),
        seconds=time.monotonic() - started,
        degraded=run.degraded,
        budget=BudgetReport.of(run.budget),
        final_usage=reply.answer.usage,
        usage_mode=run.options.usage_mode,
        baseline_trace_id=run.baseline_trace_id,
    )


def write_sums(span: Span, ledger: Ledger, run: Run | None) -> None:
    telemetry.write_rollup(span, ledger)
    if run:
        telemetry.write_budget(span, run.budget)
        telemetry.write_degraded(span, bool(run.degraded), run.degraded)


def write_stream(span: Span, sink: Sink, started: float) -> None:
    """`sink.spoke_at` is None where the answer was chosen and is read out only now."""
    spoke_at = sink.spoke_at or time.monotonic()
    telemetry.write_stream(
        span,
        "live" if sink.spoke_at else "replayed",
        first_chunk_s=spoke_at - started,
        final_call_s=(sink.final_began_at or spoke_at) - started,
    )
