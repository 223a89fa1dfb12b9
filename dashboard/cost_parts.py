"""How a recorded cost is made up: tokens of each kind times their price, in lines that sum to it.

The cost is what was recorded; nothing here changes it. Prices by kind are shown only where they give that very cost;
else what the span says of input and output, at the price that follows from it; else the whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isclose
from typing import Any

from composite_llm import conventions as c
from dashboard.answers import SpanDetail
from dashboard.price_list import Prices

TOLERANCE = 1e-6
"""Relative: prices and tokens multiply to the cost but for the last digits of floating point."""
LEAST = 1e-12
MADE = ("Output", "Reasoning")


@dataclass(frozen=True, slots=True)
class CostLine:
    kind: str
    tokens: int | None
    """None for what is not billed by tokens."""
    usd_per_token: float | None
    usd: float


@dataclass(frozen=True, slots=True)
class CostParts:
    lines: tuple[CostLine, ...]
    total_usd: float
    by_table: bool
    """True where the prices are those of the table; False where they follow from the recorded parts."""


def cost_parts(span: SpanDetail, attributes: Mapping[str, Any], prices: Prices | None) -> CostParts | None:
    """None where no cost is known, and where it is 0 for want of tokens."""
    total = span.cost_usd
    if total is None:
        return None
    by_kind = list(_by_kind(span, prices)) if prices else []
    if by_kind and _agrees(by_kind, total, attributes):
        return CostParts(tuple(by_kind), total, by_table=True)
    lines = list(_with_rest(_recorded(span, attributes), total))
    return CostParts(tuple(lines), total, by_table=False) if lines else None


def _agrees(lines: Iterable[CostLine], total: float, attributes: Mapping[str, Any]) -> bool:
    """Whether prices give the recorded cost, and the recorded cost of the output where there is one."""
    told = list(lines)
    made = attributes.get(c.LLM_COST_COMPLETION)
    of_output = sum(line.usd for line in told if line.kind in MADE)
    return _is_same(sum(line.usd for line in told), total) and (
        not isinstance(made, int | float) or _is_same(of_output, made)
    )


def _is_same(one: float, other: float) -> bool:
    return isclose(one, other, rel_tol=TOLERANCE, abs_tol=LEAST)


def _by_kind(span: SpanDetail, prices: Prices) -> Iterator[CostLine]:
    given, made = span.input_tokens or 0, span.output_tokens or 0
    cached = min(span.cached_tokens or 0, given)
    written = min(span.cache_write_tokens or 0, given - cached)
    reasoning = min(span.reasoning_tokens or 0, made)
    yield from _lines(
        [
            ("Input", given - cached - written, prices.input),
            ("Cached input", cached, prices.input if prices.cached is None else prices.cached),
            ("Written to cache", written, prices.input if prices.cache_write is None else prices.cache_write),
            ("Output", made - reasoning, prices.output),
            ("Reasoning", reasoning, prices.output if prices.reasoning is None else prices.reasoning),
        ]
    )


def _lines(kinds: Iterable[tuple[str, int, float]]) -> Iterator[CostLine]:
    for kind, tokens, price in kinds:
        if tokens:
            yield CostLine(kind, tokens, price, tokens * price)


def _recorded(span: SpanDetail, attributes: Mapping[str, Any]) -> Iterator[CostLine]:
    """Input and output as the span tells of them, at the price that follows."""
    for kind, tokens, key in (
        ("Input", span.input_tokens, c.LLM_COST_PROMPT),
        ("Output", span.output_tokens, c.LLM_COST_COMPLETION),
    ):
        usd = attributes.get(key)
        if isinstance(usd, int | float) and not isinstance(usd, bool) and (usd or tokens):
            yield CostLine(kind, tokens, usd / tokens if tokens else None, float(usd))


def _with_rest(lines: Iterable[CostLine], total: float) -> Iterator[CostLine]:
    """What the lines leave of the cost, so that they sum to it; also where they say more than it."""
    told = list(lines)
    yield from told
    rest = total - sum(line.usd for line in told)
    if abs(rest) > max(abs(total) * TOLERANCE, LEAST):
        yield CostLine("Not told apart" if told else "Input and output", None, None, rest)
