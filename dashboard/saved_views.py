"""Filters of the list of runs under a name of the reader's own.

They are kept in `views.json` of the data folder: that is where this machine's traces are, so they outlive the browser
and the server, are the same for everybody who reads here, and go when the folder goes. What a view holds is the
filters, never a run or its text. A file that cannot be read is left as it is.
"""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

FILE_NAME = "views.json"
MOST_VIEWS = 100
MOST_LETTERS = 80
View = Mapping[str, Any]
"""A filter's name in the address, and its value."""

_writing = threading.Lock()


class NotSaved(Exception):
    """Why, as a sentence."""


def load(folder: Path) -> dict[str, View]:
    """By name, in their order; raises NotSaved for a file that holds something else."""
    file = folder / FILE_NAME
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise NotSaved(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict) or not all(
        isinstance(view, dict) for view in cast("dict[str, Any]", found).values()
    ):
        raise NotSaved(f"{file} holds no views.")
    return cast("dict[str, View]", found)


def save(folder: Path, name: str, view: View) -> None:
    """One of that name is exchanged."""
    if not name.strip():
        raise NotSaved("A view needs a name.")
    if len(name) > MOST_LETTERS:
        raise NotSaved(f"A name has at most {MOST_LETTERS} letters.")
    with _writing:
        views = load(folder) | {name.strip(): view}
        if len(views) > MOST_VIEWS:
            raise NotSaved(f"There are {MOST_VIEWS} views already: delete one first.")
        _write(folder, views)


def delete(folder: Path, name: str) -> None:
    with _writing:
        _write(folder, {each: view for each, view in load(folder).items() if each != name})


def _write(folder: Path, views: Mapping[str, View]) -> None:
    """Whole or not at all: written beside it, and renamed over it."""
    beside = folder / f".{FILE_NAME}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(views, ensure_ascii=False, indent=1), encoding="utf-8")
        beside.replace(folder / FILE_NAME)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise NotSaved(f"{folder / FILE_NAME} cannot be written: {error}") from error
