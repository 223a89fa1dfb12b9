"""What a recursion has seen of its text, as its spans tell it: offsets in the text, and never the text itself."""

from collections.abc import Iterable
from dataclasses import dataclass

from composite_llm import conventions as c
from dashboard.answers.recursion import NodeFacts

MOST_NODES = 12
"""Of those that were given a part; the largest parts first."""


@dataclass(frozen=True, slots=True)
class ContextRead:
    chars: int
    tokens: int | None
    share: float | None
    """Of the characters, 0 to 1, and a lower bound; None while the root has not ended."""
    seen: list[tuple[int, int]]
    given: list[tuple[str, tuple[int, int]]]
    """By node the part of the root's text that stands in its own."""
    left_out: int
    """Nodes that were given a part and are not among these."""
    repeated: int
    """Nodes below the root whose text another node had before them."""


def contexts_read(nodes: Iterable[NodeFacts]) -> list[ContextRead]:
    """One for each recursion of the run; their nodes cannot be told apart where it has several."""
    known = [node for node in nodes if node.span_type == c.RLM_NODE]
    roots = [node for node in known if node.rlm_depth == 0 and node.context_chars]
    below = [node for node in known if node.rlm_depth] if len(roots) == 1 else []
    return [_of(root, below) for root in roots]


def _of(root: NodeFacts, below: list[NodeFacts]) -> ContextRead:
    chars = root.context_chars or 0
    placed = [
        (node.node_id or "", _inside((node.context_start, node.context_end), chars))
        for node in below
        if node.context_start is not None and node.context_end is not None
    ]
    largest = sorted(placed, key=lambda each: each[1][0] - each[1][1])[:MOST_NODES]
    texts = [node.context_sha256 for node in (root, *below) if node.context_sha256]
    return ContextRead(
        chars=chars,
        tokens=root.context_tokens,
        share=root.coverage,
        seen=[_inside((start, end), chars) for start, end in root.seen or []],
        given=sorted(largest, key=lambda each: each[1]),
        left_out=len(placed) - len(largest),
        repeated=len(texts) - len(set(texts)),
    )


def _inside(place: tuple[int | None, int | None], chars: int) -> tuple[int, int]:
    start, end = (max(0, min(chars, each or 0)) for each in place)
    return start, max(start, end)
