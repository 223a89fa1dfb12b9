"""What can be told of modes: the shapes alone. They import nothing, so that a page can read what it takes LiteLLM,
and so another process, to work out. Costs are in US dollars.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

SYMBOLS = "N members, M reviewers, A agents, R rounds, K steps, S subtasks with r roles and m simulations"
"""Of the formulas in `Mode.calls`."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Without attempts that are tried again. Costs are in US dollars."""

    least_calls: int
    most_calls: int
    least_usd: float | None
    most_usd: float | None
    """None where no call has a price. Where `unpriced` names models, both leave those out and are lower bounds."""
    unpriced: Sequence[str]


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    """Unique in the drawing; of a step inside a loop `loop.step`."""
    label: str
    kind: str
    """The kind of step, or of stage; `question` for the client's own."""
    models: Sequence[str] = ()
    """As often as each is asked."""
    inside: str | None = None
    """The id of the loop it is run in."""
    final: bool = False
    name: str = ""
    """The step's own, without what it is inside of; of a stage without its strategy."""
    roles: Sequence[str] = ()
    """What each of `models` is told it is; empty for none."""
    condition: str = ""
    """Of an `if` and a loop, as it is written."""
    max_rounds: int | None = None
    optional: bool = False
    """Run only where a condition asks for it."""


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    target: str
    label: str = ""
    """`then` and `else`: what an `if` goes on with; `condition`, `until`: what an `if` or a loop asks about; `again`:
    what a round comes to. Empty where the one simply reads the other."""


@dataclass(frozen=True, slots=True)
class Drawing:
    nodes: Sequence[Node]
    edges: Sequence[Edge]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Line:
    step: str
    """With the condition of an `if` or a loop; indented by two blanks for each loop it is inside of."""
    kind: str
    reads: str
    """Steps, and in brackets what for: `majority (then), decided (else)`."""
    asks: str
    """Models: `openai/gpt-4o-mini × 3`."""


@dataclass(frozen=True, slots=True)
class Mode:
    name: str
    kind: str
    """`own`, `bundled`, `strategy`, or `broken`: a profile that cannot be used."""
    model: str = ""
    """What to ask for."""
    description: str = ""
    strategy: str = ""
    base_model: str = ""
    calls: str = ""
    """Of a strategy: its formula, in `SYMBOLS`."""
    experimental: bool = False
    """Of a strategy that may still change, or that little speaks for yet."""
    estimate: Estimate | None = None
    """Of a typical request; None where it cannot be told, or depends on what the call says."""
    problems: Sequence[str] = ()
    """Why it cannot be used or estimated: file, line, field."""
    place: str = ""
    """`file:line`."""
    text: str = ""
    """As it is written in its file; of a strategy what its source says of it. Without API keys."""
    parameters: Sequence[tuple[str, str]] = ()
    """Of a strategy: names and defaults."""
    drawn: str = ""
    """The profile that is drawn, where it is not the mode itself."""
    drawing: Drawing | None = None
    outline: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    modes: Sequence[Mode]
    problems: Sequence[str]
    """Of whole files."""
    sources: Sequence[tuple[str, int, int]]
    """What it was read from, as `profiles.library.sources` tells it."""
    typical_request: Mapping[str, int]
    """Tokens of its question, its answers …"""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def find(self, name: str) -> Mode | None:
        """What is broken under a name comes last: a mode that can be used goes before it."""
        return next((mode for mode in self.modes if mode.name == name), None)
