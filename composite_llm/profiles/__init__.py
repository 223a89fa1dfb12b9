"""Requests written down in YAML: `composite/profile/<name>`, or `composite/<name>`."""

from composite_llm.profiles.document import Problem
from composite_llm.profiles.library import Library, library
from composite_llm.profiles.profile import Profile

__all__ = ["Library", "Problem", "Profile", "find", "library", "names", "problems_of"]


def find(name: str) -> Profile | None:
    """The profile of that name, None where there is none that can be used."""
    return library().profiles.get(name)


def names() -> list[str]:
    return list(library().profiles)


def problems_of(name: str) -> list[Problem]:
    """Why the profile of that name cannot be used; empty where there is none of that name."""
    return library().broken.get(name, [])
