"""`composite_llm.show`: hands a run to whatever is installed to draw it.

That is looked up by name, as the tracer provider is, because what draws reads the stored spans, and this package
knows nothing of storage or screens.
"""

from importlib.metadata import entry_points
from typing import Any

from composite_llm import telemetry
from composite_llm.accounting.receipts import Receipt, receipt

GROUP = "composite_llm_display"


def show(run: Any) -> None:
    """`run` is a composite response, its receipt, or a trace id."""
    if isinstance(run, str):
        trace_id, known = run, None
    else:
        known = run if isinstance(run, Receipt) else receipt(run)
        trace_id = known.trace_id
    telemetry.flush()
    for found in entry_points(group=GROUP, name="show"):
        found.load()(trace_id, known)
        return
    raise RuntimeError(
        f"Nothing is installed that draws runs (entry point {GROUP}). Install composite-llm anew."
    )
