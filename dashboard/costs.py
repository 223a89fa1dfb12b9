"""The cost column of a trace: a call's own cost, and for what stands above it the sum underneath."""

from dataclasses import dataclass

import pyarrow as pa

from dashboard import fmt
from dashboard.folding import parents_of
from dashboard.naming import columns_of


@dataclass(frozen=True, slots=True)
class Costs:
    texts: list[str]
    shares: list[float]
    """Of each call in the cost of the trace, 0 to 1."""


def costs(spans: pa.Table) -> Costs:
    sums, priced, unpriced = [], [], []
    for usd, billing in columns_of(spans, "cost_usd", "billing"):
        sums.append(usd if billing == "priced" else 0.0)
        priced.append(int(billing == "priced"))
        unpriced.append(int(billing == "unpriced"))
    total = sum(sums)
    shares = [round(usd / total, 4) if total else 0.0 for usd in sums]
    for row, parent in reversed(list(enumerate(parents_of(spans["depth"].to_pylist())))):
        if parent >= 0:
            for column in (sums, priced, unpriced):
                column[parent] += column[row]
    return Costs([_text(*row) for row in zip(sums, priced, unpriced, strict=True)], shares)


def _text(usd: float, priced: int, unpriced: int) -> str:
    if priced:
        return fmt.money(usd, lower_bound=unpriced > 0)
    return fmt.UNKNOWN if unpriced else ""
