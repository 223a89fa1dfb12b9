"""Instructions with places to fill in, written `{{name}}`, and what a caller may put in their stead.

Filled in one pass and by no template language: what a model or a user wrote is put in as it is and
never read for places of its own.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

_PLACE = re.compile(r"\{\{\s*([A-Za-z_][\w.]*)\s*\}\}")

ALWAYS = ("question", "language")
"""Places every prompt may have: the text of the user's last message, and the language asked for."""

SAME_LANGUAGE = "the language of the question"
LONGEST = 200_000
"""Characters of one prompt."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One stage's instruction, as the strategy writes it."""

    stage: str
    text: str
    """Empty: without an override the stage's models get the conversation as it is."""
    places: tuple[str, ...] = ()
    """What the strategy fills in beside `ALWAYS`. A text that leaves one out gets it at its end, since
    the stage is of no use without."""

    def filled(self, overrides: Mapping[str, str], values: Mapping[str, str]) -> str:
        """`values` holds a text for each of `places`, and for `ALWAYS`."""
        text = overrides.get(self.stage, self.text)
        missing = [name for name in self.places if name not in places_in(text)]
        return fill("\n\n".join([text, *(f"{{{{{name}}}}}" for name in missing)]).strip(), values)


def places_in(text: str) -> list[str]:
    """Names in `{{…}}`, each once, in order."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda match: values.get(match[1], match[0]), text)


def complaint(text: str, known: Sequence[str]) -> str | None:
    """What is wrong with the places in `text`, or None."""
    allowed = [*known, *ALWAYS]
    for name in places_in(text):
        if name not in allowed:
            return f"{{{{{name}}}}} is no place to fill in here{_hint(name, allowed)}"
    return None


def override_complaints(given: Mapping[str, str], prompts: Iterable[Prompt]) -> list[tuple[str, str]]:
    """Stage and what is wrong with it, for every override that cannot be used."""
    known = {prompt.stage: prompt for prompt in prompts}
    found: list[tuple[str, str]] = []
    for stage, text in given.items():
        if stage not in known:
            found.append((stage, f"there is no such stage{_hint(stage, list(known))}"))
        elif wrong := complaint(text, known[stage].places):
            found.append((stage, wrong))
    return found


def _hint(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.7)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(known) or 'none'}"


class UnreadablePrompt(Exception):
    """A prompt's file cannot be read. `str()` says which and why."""


_PROMPTS = {"prompt", "critique_prompt", "base_call", "role"}
"""Where a step of a graph mode holds one."""


def with_texts(value: Any, folder: Path | None, *, everywhere: bool = False) -> Any:
    """`value` with each prompt that is given as `{"file": …}` or as a Path replaced by what is in the file.

    `folder` is what a relative name starts from; None where whoever asks may not name files, because
    the request came over the network and would make a model recite what is on this disk.
    `everywhere`: each entry is a prompt, not only those that steps call so. Raises UnreadablePrompt.
    """
    if isinstance(value, list):
        return [with_texts(entry, folder) for entry in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _text(entry, folder) if everywhere or name in _PROMPTS else with_texts(entry, folder)
        for name, entry in value.items()
    }


def _text(value: Any, folder: Path | None) -> Any:
    if isinstance(value, Path):
        return _file_text(value)
    if isinstance(value, dict) and set(value) == {"file"} and isinstance(value["file"], str):
        if folder is None:
            raise UnreadablePrompt("a prompt's file may be named in a profile only; send the text")
        return _file_text(folder / value["file"])
    return value


def _file_text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UnreadablePrompt(f"{path} cannot be read: {reason}") from None
    if len(text) > LONGEST:
        raise UnreadablePrompt(f"{path} is longer than {LONGEST} characters")
    return text.strip()
