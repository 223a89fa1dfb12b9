"""The rows of the collector's answers, as the dashboard reads them: a file a subject.

Money is the sum of the calls whose price is known; `unpriced_calls` counts the others.
"""

from dashboard.answers.rows import row_of, rows_of
from dashboard.answers.runs import (
    Listing,
    SpanContent,
    SpanDetail,
    Summary,
)
from dashboard.answers.spending import (
    BucketTotals,
    ModelSpend,
    ModeTotals,
    Spender,
    StrategyLatency,
    StrategyTotals,
    Totals,
)

__all__ = [
    "BucketTotals",
    "Listing",
    "ModeTotals",
    "ModelSpend",
    "SpanContent",
    "SpanDetail",
    "Spender",
    "StrategyLatency",
    "StrategyTotals",
    "Summary",
    "Totals",
    "row_of",
    "rows_of",
]
