"""A file of profiles: each for itself, and what is wrong with the file as a whole."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from composite_llm.profiles.document import Document, Problem, Unreadable
from composite_llm.profiles.entry import Outcome, read_profile


@dataclass(frozen=True, slots=True)
class Contents:
    """What one file holds."""

    profiles: Mapping[str, Outcome] = field(default_factory=dict[str, Outcome])
    problems: Sequence[Problem] = ()
    """Of the file as a whole."""
    prompt_files: frozenset[Path] = frozenset()


def read_file(path: Path, *, bundled: bool = False) -> Contents:
    """Never raises."""
    try:
        document = Document.read(path)
    except Unreadable as error:
        return Contents(problems=[error.problem])
    listed = document.data.get("profiles") if isinstance(document.data, dict) else None
    if not isinstance(listed, dict) or not listed:
        nothing = "holds no profiles: write them under `profiles:`, by name"
        return Contents(problems=[document.problem((), nothing)])
    return Contents(
        {
            str(name): document.doubled_in(("profiles", str(name)))
            or read_profile(document, str(name), data, path.parent, bundled=bundled)
            for name, data in listed.items()
        },
        _problems_beside(document),
        frozenset(_prompt_files(document.data, path.parent)),
    )


def _prompt_files(data: Any, folder: Path) -> Iterator[Path]:
    """Every file that is named, so that a change in one is noticed."""
    if isinstance(data, dict):
        if isinstance(data.get("file"), str):
            yield folder / data["file"]
        for value in data.values():
            yield from _prompt_files(value, folder)
    elif isinstance(data, list):
        for value in data:
            yield from _prompt_files(value, folder)


def _problems_beside(document: Document) -> list[Problem]:
    unknown = [str(key) for key in document.data if key != "profiles"]
    return [
        *document.doubled_beside(("profiles",)),
        *(
            document.problem((key,), "is no part of a file of profiles; known is `profiles`")
            for key in unknown
        ),
    ]
