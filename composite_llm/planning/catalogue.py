"""Every mode with all that a page shows of it, for those who cannot import what it takes to work that out.

`python -m composite_llm.planning` prints it as JSON: LiteLLM, which knows the prices, takes seconds to import and
hundreds of megabytes, so the dashboard has another process do it.
"""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic.fields import FieldInfo

from composite_llm.errors import BadRequest
from composite_llm.planning.drawing import drawing_of
from composite_llm.planning.estimate import TYPICAL
from composite_llm.planning.listing import StrategyRow, row_of, strategy_rows
from composite_llm.planning.outline import outline
from composite_llm.planning.told import Catalogue, Drawing, Mode
from composite_llm.profiles import Problem, Profile, library
from composite_llm.profiles.library import sources
from composite_llm.redaction import without_secrets
from composite_llm.request.reading import read_request
from composite_llm.strategies import STRATEGIES

OWN, BUNDLED, STRATEGY, BROKEN = "own", "bundled", "strategy", "broken"

MOST_TEXT = 20_000
"""Characters of one profile that are shown."""


def catalogue() -> Catalogue:
    """A person's own profiles first, then those that come with the package, strategies, and what is broken."""
    read_from, found = sources(), library()
    profiles = sorted(found.profiles.values(), key=lambda profile: profile.bundled)
    modes = [
        *(_of_profile(profile) for profile in profiles),
        *(_of_strategy(row) for row in strategy_rows(profiles)),
        *(_broken(name, problems) for name, problems in found.broken.items()),
    ]
    return Catalogue(
        modes, [without_secrets(str(problem)) for problem in found.problems], read_from, asdict(TYPICAL)
    )


def _of_profile(profile: Profile) -> Mode:
    row = row_of(profile)
    drawing = _drawn(profile.name)
    return Mode(
        name=row.name,
        kind=BUNDLED if profile.bundled else OWN,
        model=row.model,
        description=without_secrets(row.description),
        strategy=row.strategy,
        base_model=row.base_model,
        estimate=row.estimate,
        problems=[row.problem] if row.problem else [],
        place=_place(profile),
        text=without_secrets(_written(profile)),
        drawing=drawing,
        outline=outline(drawing) if drawing else (),
    )


def _of_strategy(row: StrategyRow) -> Mode:
    strategy = STRATEGIES[row.name]
    told = inspect.cleandoc(inspect.getmodule(strategy.run).__doc__ or "")
    drawing = _drawn(row.sample) if row.sample else None
    return Mode(
        name=row.name,
        kind=STRATEGY,
        model=row.model,
        description=told.split("\n\n")[0].replace("\n", " "),
        strategy=row.name,
        calls=row.calls,
        experimental=row.experimental,
        text=told,
        parameters=list(_parameters(strategy.parameters.model_fields)),
        drawn=row.sample or "",
        drawing=drawing,
        outline=outline(drawing) if drawing else (),
    )


def _broken(name: str, problems: Sequence[Problem]) -> Mode:
    said = [without_secrets(str(problem)) for problem in problems]
    return Mode(name=name, kind=BROKEN, model="", problems=said)


def _drawn(name: str) -> Drawing | None:
    try:
        return drawing_of(read_request(f"profile/{name}", {}))
    except BadRequest:  # a composite in it cannot be read, which the estimate says
        return None


def _parameters(fields: dict[str, FieldInfo]) -> Iterator[tuple[str, str]]:
    for name, known in fields.items():
        yield name, "needed" if known.is_required() else str(known.get_default(call_default_factory=True))


def _place(profile: Profile) -> str:
    """Beneath the working directory as somebody there would write it."""
    file, here = Path(profile.file), Path.cwd()
    told = str(file.relative_to(here)) if file.is_relative_to(here) else profile.file
    return told if profile.line is None else f"{told}:{profile.line}"


def _written(profile: Profile) -> str:
    """Its lines of the file: from that with its name to the next one that is indented no deeper."""
    try:
        lines = Path(profile.file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):  # gone since it was read
        return ""
    first, *rest = lines[(profile.line or 1) - 1 :] or [""]
    own, margin = [first], _indent(first)
    for line in rest:
        if line.strip() and _indent(line) <= margin:
            break
        own.append(line)
    return "\n".join(line[margin:] for line in own).rstrip()[:MOST_TEXT]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
