"""All that can be run by name: strategies and profiles, with what a typical request takes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from composite_llm.errors import BadRequest
from composite_llm.planning.estimate import TYPICAL, estimate
from composite_llm.planning.formulas import FORMULAS
from composite_llm.planning.told import Estimate
from composite_llm.profiles import Profile, library
from composite_llm.request.reading import PREFIX, Request, read_request
from composite_llm.strategies import STRATEGIES


@dataclass(frozen=True, slots=True)
class Row:
    """One profile."""

    name: str
    model: str
    """What to ask for."""
    strategy: str
    """`steps` where it is made of its own."""
    description: str
    base_model: str
    estimate: Estimate | None
    """None where it cannot be told; `problem` says why."""
    problem: str
    file: str
    line: int | None
    hash: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class StrategyRow:
    name: str
    model: str
    calls: str
    """The formula, in `told.SYMBOLS`."""
    sample: str | None
    """The bundled profile that shows it."""
    experimental: bool


@dataclass(frozen=True, slots=True)
class Listing:
    strategies: Sequence[StrategyRow]
    profiles: Sequence[Row]
    problems: Sequence[str]
    """Of files and profiles that cannot be used: file, line, field."""

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "typical_request": asdict(TYPICAL)}


def listing() -> Listing:
    found = library()
    profiles = list(found.profiles.values())
    return Listing(
        strategy_rows(profiles),
        [row_of(profile) for profile in profiles],
        [str(each) for each in found.all_problems],
    )


def strategy_rows(profiles: Sequence[Profile]) -> list[StrategyRow]:
    """`profiles`: among which samples are looked for."""
    return [
        StrategyRow(
            name,
            STRATEGIES[name].form,
            FORMULAS.get(name, "?"),
            _sample(name, profiles),
            STRATEGIES[name].experimental,
        )
        for name in sorted(STRATEGIES)
    ]


def row_of(profile: Profile) -> Row:
    known, problem = _estimated(read_request(f"profile/{profile.name}", {}))
    return Row(
        name=profile.name,
        model=f"{PREFIX}{profile.name}",
        strategy=profile.strategy.name if profile.strategy.name in STRATEGIES else "steps",
        description=profile.description,
        base_model=profile.base_model,
        estimate=known,
        problem=problem,
        file=profile.file,
        line=profile.line,
        hash=profile.hash,
    )


def _estimated(request: Request) -> tuple[Estimate | None, str]:
    try:
        known = estimate(request)
    except BadRequest as error:  # such as a composite in it that cannot be read
        return None, str(error)
    return known, "" if known else "nobody has written down how many calls this strategy makes"


def _sample(strategy: str, profiles: Sequence[Profile]) -> str | None:
    own_steps = strategy == "graph"
    fitting = (
        profile.name
        for profile in profiles
        if profile.bundled
        and (profile.strategy.name == strategy or (own_steps and profile.strategy.name not in STRATEGIES))
    )
    return next(fitting, None)
