"""The nesting of one run: what stands inside what, and what each part comes to with all below it.

Drawn are the levels of the recursion and the model calls; or with `steps` every span with a model call below it.
What is not drawn adds its time and its errors to the nearest drawn span above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from collector.recursion.levels import Levels, Nested, levels_of
from composite_llm import conventions as c
from dashboard.folding import parents_of
from dashboard.naming import columns_of

COST, TOKENS, CALLS, TIME = METRICS = ("cost", "tokens", "calls", "time")
WHOLE_RUN = -1
"""In place of a row: what holds the roots of a trace that has several."""


@dataclass(slots=True)
class Amounts:
    known_usd: float = 0.0
    priced: int = 0
    unpriced: int = 0
    """Calls, and agents that tell of more than their calls, that nobody can price."""
    calls: int = 0
    sub_calls: int = 0
    """Of these the ones a recursion's limit of calls counts: not the root's own turns, nor second attempts."""
    tokens: int = 0
    ms: float = 0.0
    errors: int = 0

    def add(self, other: "Amounts") -> None:
        self.known_usd += other.known_usd
        self.priced += other.priced
        self.unpriced += other.unpriced
        self.calls += other.calls
        self.sub_calls += other.sub_calls
        self.tokens += other.tokens
        self.ms += other.ms
        self.errors += other.errors


@dataclass(slots=True)
class Part:
    """A span as drawn, or the whole run where that has no single root."""

    row: int
    parent: int
    """Its place among the parts, -1 for the first."""
    indent: int
    depth: int
    """Of recursion."""
    is_call: bool
    opens: bool
    """A level of the recursion."""
    own: Amounts = field(default_factory=Amounts)
    """Without the parts below it."""
    total: Amounts = field(default_factory=Amounts)


@dataclass(frozen=True)
class Nesting:
    parts: list[Part]
    """Depth first; the first one holds all others. Empty for a run without model calls."""
    levels: Levels

    @property
    def deepest(self) -> int:
        return self.levels.deepest

    @cached_property
    def place_of(self) -> dict[int, int]:
        """By row."""
        return {part.row: place for place, part in enumerate(self.parts)}

    @cached_property
    def children(self) -> list[list[int]]:
        children: list[list[int]] = [[] for _ in self.parts]
        for place, part in enumerate(self.parts):
            if part.parent >= 0:
                children[part.parent].append(place)
        return children


def nesting_of(spans: pa.Table, *, steps: bool) -> Nesting:
    """`spans`: what the question `trace_spans` returns."""
    parents = parents_of(spans["depth"].to_pylist())
    nested = [
        Nested(parent, kind, is_call, strategy is None, billing == "unpriced")
        for parent, (kind, is_call, strategy, billing) in zip(
            parents, columns_of(spans, "span_type", "is_llm_call", "strategy", "billing"), strict=True
        )
    ]
    levels = levels_of(nested)
    drawn = _all_bearing(levels) if steps else _levels_and_calls(nested, levels)
    parts, owner = _parts(drawn, nested, levels)
    for row, own in enumerate(_amounts(spans)):
        if owner[row] >= 0:
            parts[owner[row]].own.add(own)
    for place in range(len(parts) - 1, -1, -1):
        part = parts[place]
        part.total.add(part.own)
        if part.parent >= 0:
            parts[part.parent].total.add(part.total)
    return Nesting(parts, levels)


def _all_bearing(levels: Levels) -> list[bool]:
    return list(levels.bears)


def _levels_and_calls(nested: Sequence[Nested], levels: Levels) -> list[bool]:
    """A request that holds nothing but the root node of its recursion is drawn as that node."""
    drawn = [
        opens or span.is_call or span.tells_of_usage for span, opens in zip(nested, levels.opens, strict=True)
    ]
    below, only = _drawn_below(nested, drawn)
    for place, span in enumerate(nested):
        if span.span_type == c.REQUEST and below[place] == 1 and nested[only[place]].span_type == c.RLM_NODE:
            drawn[place] = False
    return drawn


def _drawn_below(nested: Sequence[Nested], drawn: Sequence[bool]) -> tuple[list[int], list[int]]:
    """How many drawn spans stand right below each drawn one, and the last of them."""
    nearest, below, only = [-1] * len(nested), [0] * len(nested), [-1] * len(nested)
    for place, span in enumerate(nested):
        above = nearest[span.parent] if span.parent >= 0 else -1
        nearest[place] = place if drawn[place] else above
        if drawn[place] and above >= 0:
            below[above] += 1
            only[above] = place
    return below, only


def _parts(drawn: Sequence[bool], nested: Sequence[Nested], levels: Levels) -> tuple[list[Part], list[int]]:
    """The parts without their amounts; and by span the part it belongs to, -1 where there is none."""
    owner = [-1] * len(nested)
    roots = 0
    parts: list[Part] = []
    for row, span in enumerate(nested):
        above = owner[span.parent] if span.parent >= 0 else -1
        owner[row] = above
        if drawn[row]:
            roots += above < 0
            indent = parts[above].indent + 1 if above >= 0 else 0
            owner[row] = len(parts)
            parts.append(Part(row, above, indent, levels.depth[row], span.is_call, levels.opens[row]))
    if roots < 2:
        # What stands above the only root belongs to it, too: the request that is drawn as its root node.
        return parts, [max(place, 0) if parts else -1 for place in owner]
    under_one = [Part(WHOLE_RUN, -1, 0, 0, False, True)]
    for part in parts:
        part.parent, part.indent = part.parent + 1, part.indent + 1
    return under_one + parts, [place + 1 for place in owner]


def _amounts(spans: pa.Table) -> list[Amounts]:
    """Of each span alone."""
    spent = ("cost_usd", "billing", "is_llm_call", "input_tokens", "output_tokens")
    taken = ("self_ms", "status", "role", "attempt")
    return [
        Amounts(
            known_usd=usd or 0.0 if billing == "priced" else 0.0,
            priced=int(billing == "priced"),
            unpriced=int(billing == "unpriced"),
            calls=int(is_call),
            sub_calls=int(is_call and role != "rlm_root" and (attempt or 1) == 1),
            tokens=(tokens_in or 0) + (tokens_out or 0) if is_call else 0,
            ms=ms,
            errors=int(status == "error"),
        )
        for usd, billing, is_call, tokens_in, tokens_out, ms, status, role, attempt in columns_of(
            spans, *spent, *taken
        )
    ]
