"""Profiles that ask others by name: whether those are there, and whether it ever ends."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from composite_llm.profiles.document import Problem
from composite_llm.profiles.profile import Profile
from composite_llm.request.route import COMPOSITE_PREFIX
from composite_llm.strategies.registry import STRATEGIES

Profiles = Mapping[str, Profile]


def problems_of_references(profiles: Profiles, broken: Sequence[str]) -> Iterator[tuple[str, Problem]]:
    """By the name of each profile that could never run. Of one that names a broken one, that one's says why."""
    known = [*profiles, *broken]
    for name, profile in profiles.items():
        for other in asked_by(profile):
            if other not in known:
                yield (
                    name,
                    _problem(
                        profile, f"asks {COMPOSITE_PREFIX}{other}, and there is none{_hint(other, known)}"
                    ),
                )
        if circle := _circle(name, profiles):
            yield name, _problem(profile, f"goes in a circle: {' asks '.join(circle)}")


def asked_by(profile: Profile) -> list[str]:
    """Names of the profiles it asks itself; those of a strategy inside it are found when that one is read."""
    names = [
        model.removeprefix(COMPOSITE_PREFIX).removeprefix("profile/")
        for model, _ in profile.parameters.composites(profile.base_model)
    ]
    return [name for name in dict.fromkeys(names) if name.split("/")[0] not in STRATEGIES]


def _circle(start: str, profiles: Profiles) -> list[str] | None:
    """The shortest way from a profile back to itself."""
    ways, seen = [[start]], set[str]()
    while ways:
        way = ways.pop(0)
        for other in asked_by(profiles[way[-1]]) if way[-1] in profiles else ():
            if other == start:
                return [*way, other]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return None


def _problem(profile: Profile, message: str) -> Problem:
    return Problem(profile.file, profile.line, f"profiles.{profile.name}", message)


def _hint(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""
