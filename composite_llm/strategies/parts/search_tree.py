"""A tree of answers, of which the next to work on is chosen by UCB1 (Auer et al. 2002). Pure: it asks nobody.

Every node is an answer that was really given, so that what was found and what it was worth stay in the tree.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf, log, sqrt
from typing import Literal

from composite_llm.engine.run import Reply

EXPLORATION = 1.4
"""UCB1's constant, as in HALO."""

Verdict = Literal["success", "fail", "continue"]


@dataclass(slots=True, eq=False)
class Node:
    reply: Reply | None = None
    """None: the root, which stands for the subtask itself."""
    role: str = ""
    verdict: Verdict = "continue"
    score: float = 0.0
    """What its judge gave it, 0 to 1."""
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list["Node"])
    visits: int = 0
    total: float = 0.0
    """Of the scores below and of its own."""
    number: int = 0
    """In the order they were made; the root is 0."""

    @property
    def depth(self) -> int:
        return self.parent.depth + 1 if self.parent else 0

    @property
    def value(self) -> float:
        """The mean score of itself and what came of it."""
        return self.total / self.visits if self.visits else 0.0

    @property
    def path(self) -> list["Node"]:
        """From the first answer to this one."""
        return [*self.parent.path, self] if self.parent else []

    @property
    def below(self) -> Iterator["Node"]:
        """All nodes under it, in the order they were made."""
        for child in self.children:
            yield child
            yield from child.below

    def ucb(self) -> float:
        if not self.visits or not self.parent:
            return inf
        return self.value + EXPLORATION * sqrt(log(self.parent.visits) / self.visits)

    def add(self, child: "Node") -> None:
        """A new answer, whose score counts for all it goes back to."""
        child.parent = self
        self.children.append(child)
        node: Node | None = child
        while node:
            node.visits += 1
            node.total += child.score
            node = node.parent


def to_expand(root: Node, most_depth: int) -> Node | None:
    """The answer to go on from; None where nothing is open any more.

    Open is what its judge wants continued, and has room below it. From the root the child of the highest UCB1 is
    taken, the one made first of equals, among those with something open under them.
    """
    if not root.children:
        return root if root.verdict == "continue" and root.depth < most_depth else None
    for child in sorted(root.children, key=lambda each: -each.ucb()):
        if found := to_expand(child, most_depth):
            return found
    return None


def best(root: Node) -> Node | None:
    """A success before anything else, then the highest score, then the one made first; None in an empty tree."""
    return max(
        root.below, key=lambda node: (node.verdict == "success", node.score, -node.number), default=None
    )
