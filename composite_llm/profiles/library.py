"""All profiles at hand: the bundled ones, and those of the folders and files a person names.

Read anew only when a file has changed, since every request by a profile's name comes by here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from composite_llm import settings
from composite_llm.profiles.document import Problem
from composite_llm.profiles.files import read_file
from composite_llm.profiles.profile import Profile
from composite_llm.profiles.references import problems_of_references

BUNDLED = Path(__file__).parent / "bundled"
_ENDINGS = {".yaml", ".yml"}


@dataclass(slots=True)
class Library:
    profiles: dict[str, Profile] = field(default_factory=dict[str, Profile])
    broken: dict[str, list[Problem]] = field(default_factory=dict[str, list[Problem]])
    """Profiles that cannot be used, by name."""
    problems: list[Problem] = field(default_factory=list[Problem])
    """Of whole files."""
    prompt_files: set[Path] = field(default_factory=set[Path])

    @property
    def all_problems(self) -> list[Problem]:
        return [*self.problems, *(problem for found in self.broken.values() for problem in found)]


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Tells a file from what it was."""

    file: Path
    changed_ns: int
    size: int

    @classmethod
    def of(cls, file: Path) -> "_Stamp":
        try:
            status = file.stat()
        except OSError:  # gone, or not there yet
            return cls(file, 0, 0)
        return cls(file, status.st_mtime_ns, status.st_size)


_last: tuple[list[_Stamp], Library] | None = None


def library() -> Library:
    """What there is now. A profile of a person's own replaces a bundled one of its name."""
    global _last
    places = [place.absolute() for place in settings.load().profiles]
    files = [*_files(BUNDLED), *(file for place in places for file in _files(place))]
    watched = [*files, *places]
    if _last and _last[0] == _stamps(watched, _last[1]):
        return _last[1]
    read = _read(files, places)
    _last = _stamps(watched, read), read
    return read


def sources() -> list[tuple[str, int, int]]:
    """Of each file and folder the library is made from: path, time of its last change in ns, size in bytes; both 0
    where there is none yet. For those who keep what they made of it."""
    library()
    assert _last
    return [(str(stamp.file), stamp.changed_ns, stamp.size) for stamp in _last[0]]


def _stamps(files: Sequence[Path], read: Library) -> list[_Stamp]:
    return [_Stamp.of(file) for file in [*files, *sorted(read.prompt_files)]]


def _read(files: Sequence[Path], places: Sequence[Path]) -> Library:
    found = Library()
    for place in places:
        if not place.exists() and place != settings.DEFAULT_PROFILES.absolute():
            missing = "is named by COMPOSITE_LLM_PROFILES and is not there"
            found.problems.append(Problem(str(place), None, "", missing))
    for file in files:
        _add(found, file)
    for name, problem in [*problems_of_references(found.profiles, list(found.broken))]:
        found.profiles.pop(name, None)
        found.broken.setdefault(name, []).append(problem)
    return found


def _add(found: Library, file: Path) -> None:
    contents = read_file(file, bundled=file.parent == BUNDLED)
    found.problems += contents.problems
    found.prompt_files |= contents.prompt_files
    for name, outcome in contents.profiles.items():
        earlier = found.profiles.get(name)
        if isinstance(outcome, list):
            found.broken[name] = outcome
            if earlier and earlier.bundled:  # somebody meant to replace it: running it instead would mislead
                del found.profiles[name]
        elif earlier and not earlier.bundled:
            there = f"is defined in {earlier.file}:{earlier.line} already, and that one holds"
            found.problems.append(Problem(outcome.file, outcome.line, f"profiles.{name}", there))
        else:
            found.profiles[name] = outcome


def _files(place: Path) -> list[Path]:
    if place.is_dir():
        return sorted(file for file in place.iterdir() if file.suffix in _ENDINGS and file.is_file())
    return [place] if place.exists() else []
