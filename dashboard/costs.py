"""The cost column of a trace: a call's own cost, and for what stands above it the sum underneath."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from dashboard import fmt
from dashboard.folding import parents_of
from dashboard.naming import columns_of


@dataclass(frozen=True, slots=True)
class Costs:
    texts: list[str]
    of_parent: list[float | None]
    """Each span's share in the cost of what is directly above it, 0 to 1; None where that is not known to cost
    anything, where nothing else is below it, and for a root."""


def costs(spans: pa.Table, parents: Sequence[int] | None = None) -> Costs:
    """`parents` are the rows of the parents, where they are known already."""
    parents = parents_of(spans["depth"].to_pylist()) if parents is None else parents
    billed = list(columns_of(spans, "cost_usd", "billing"))
    sums = [usd if billing == "priced" else 0.0 for usd, billing in billed]
    priced = [billing == "priced" for _, billing in billed]
    unpriced = [billing == "unpriced" for _, billing in billed]
    for row in range(len(parents) - 1, -1, -1):
        if (parent := parents[row]) >= 0:
            sums[parent] += sums[row]
            priced[parent] |= priced[row]
            unpriced[parent] |= unpriced[row]
    siblings = Counter(parents)
    shares = [
        usd / whole if parent >= 0 and siblings[parent] > 1 and (whole := sums[parent]) else None
        for usd, parent in zip(sums, parents, strict=True)
    ]
    return Costs([_text(*row) for row in zip(sums, priced, unpriced, strict=True)], shares)


def _text(usd: float, priced: bool, unpriced: bool) -> str:
    if priced:
        return fmt.money(usd, lower_bound=unpriced)
    return fmt.UNKNOWN if unpriced else ""
