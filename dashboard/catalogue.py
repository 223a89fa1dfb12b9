"""All modes, as `python -m composite_llm.planning` tells them. Costs are in US dollars.

That command runs in a process of its own: it imports LiteLLM for its prices and providers, which takes seconds and
hundreds of megabytes, and what a profile makes it do cannot reach this server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

KINDS: Mapping[str, str] = {
    "own": "your profile",
    "bundled": "bundled profile",
    "strategy": "strategy",
    "broken": "cannot be used",
    "gone": "not here any more",
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a typical request. Where `unpriced` names models, costs leave those out; None: no call has a price."""

    least_calls: int
    most_calls: int
    least_usd: float | None
    most_usd: float | None
    unpriced: Sequence[str]


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    label: str
    kind: str
    name: str
    models: Sequence[str] = ()
    inside: str | None = None
    final: bool = False
    roles: Sequence[str] = ()
    condition: str = ""
    max_rounds: int | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    target: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    nodes: Sequence[Node]
    edges: Sequence[Edge]


@dataclass(frozen=True, slots=True)
class Line:
    step: str
    kind: str
    reads: str
    asks: str


@dataclass(frozen=True, slots=True)
class Mode:
    """See composite_llm/planning/catalogue.py."""

    name: str
    kind: str
    model: str = ""
    description: str = ""
    strategy: str = ""
    base_model: str = ""
    calls: str = ""
    estimate: Estimate | None = None
    problems: Sequence[str] = ()
    place: str = ""
    text: str = ""
    parameters: Sequence[tuple[str, str]] = ()
    drawn: str = ""
    drawing: Drawing | None = None
    outline: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    modes: Sequence[Mode]
    problems: Sequence[str]
    sources: Sequence[tuple[str, int, int]]
    typical_request: Mapping[str, int]

    def find(self, name: str) -> Mode | None:
        """What is broken under a name comes last: a mode that can be used goes before it."""
        return next((mode for mode in self.modes if mode.name == name), None)


_read = TypeAdapter(Catalogue)


def read(told: bytes) -> Catalogue:
    """ValueError where it is something else."""
    return _read.validate_json(told)
