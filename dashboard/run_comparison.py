"""Two runs side by side: what each part of them, a role in a stage, used and cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.naming import columns_of
from dashboard.run import Run

Place = tuple[str, str]
"""A stage and a role."""
COLUMNS = (
    "depth",
    "stage_name",
    "role",
    "name",
    "is_llm_call",
    "billing",
    "cost_usd",
    "duration_ms",
    "input_tokens",
    "output_tokens",
)


@dataclass(frozen=True, slots=True)
class Part:
    """The model calls of one role in one stage."""

    calls: int = 0
    known_usd: float = 0.0
    priced_calls: int = 0
    unpriced_calls: int = 0
    tokens: int = 0
    model_ms: float = 0.0
    """Added up as if the calls had run one after another."""

    @property
    def cost_usd(self) -> float | None:
        """None where calls were made and no price is known."""
        return None if self.unpriced_calls and not self.priced_calls else self.known_usd


@dataclass(frozen=True, slots=True)
class Pair:
    stage: str
    role: str
    first: Part | None
    second: Part | None
    """None of the run that has no such part."""


def pairs(first: Run, second: Run) -> list[Pair]:
    """In the order of the first run, then what the second one alone has."""
    ours, theirs = parts(first), parts(second)
    places = dict.fromkeys([*ours, *theirs])
    return [Pair(*place, ours.get(place), theirs.get(place)) for place in places]


def parts(run: Run) -> Mapping[Place, Part]:
    """By stage and role, in the order in which they began; together they are the whole run."""
    found: dict[Place, Part] = {}
    stages: list[tuple[int, str]] = []
    for depth, stage, role, name, is_call, billing, cost, ms, given, made in columns_of(run.spans, *COLUMNS):
        while stages and stages[-1][0] >= depth:
            stages.pop()
        if is_call:
            place = (stages[-1][1] if stages else "", role or name)
            part = found.get(place, Part())
            found[place] = replace(
                part,
                calls=part.calls + 1,
                known_usd=part.known_usd + (cost or 0.0),
                priced_calls=part.priced_calls + (billing == "priced"),
                unpriced_calls=part.unpriced_calls + (billing == "unpriced"),
                tokens=part.tokens + (given or 0) + (made or 0),
                model_ms=part.model_ms + ms,
            )
        elif stage:
            stages.append((depth, stage))
    return found


def difference(first: float | None, second: float | None, *, bounded: bool = False) -> float | None:
    """How much more the second has; None where either is not known, or known as a lower bound alone."""
    return None if first is None or second is None or bounded else second - first


def least_bounded(runs: Sequence[Run]) -> bool:
    """True where what one of the runs cost is a lower bound, or goes on."""
    return any(run.summary.unpriced_calls or run.summary.status == "running" for run in runs)
