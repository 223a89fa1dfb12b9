"""Looking into a long text: pieces of it, lines by number, lines that match a pattern. Functions without spans."""

from dataclasses import dataclass
from typing import Any

import regex

MOST_MATCHES = 1_000
"""Lines that one search returns, however many it may."""
SECONDS_A_SEARCH = 5.0
LONGEST_LINE = 500
"""Characters of a matching line that are returned: a text may be one single line."""


class BadSearch(ValueError):
    """A pattern that cannot be used, in words for the model that wrote it."""


@dataclass(frozen=True, slots=True)
class Found:
    lines: list[str]
    """`12: the line`, numbered from 1."""
    matches: int
    """Matching lines there are, counted until the search was broken off."""


def chunks(text: str, size: int, overlap: int = 0) -> list[str]:
    """All of `text` in pieces of `size` characters, the last may be shorter; each begins with the last `overlap`
    characters of the one before. ValueError where that would never end."""
    if size < 1 or not 0 <= overlap < size:
        raise ValueError(
            "chunks(size, overlap): size must be at least 1 and overlap at least 0 and below size"
        )
    step = size - overlap
    return [text[start : start + size] for start in range(0, max(1, len(text) - overlap), step)]


def read_lines(text: str, first: int, last: int) -> str:
    """Lines `first` to `last`, counted from 1, both included."""
    start = _start_of_line(text, 0, max(0, first - 1))
    end = _start_of_line(text, start, max(0, last - max(1, first) + 1))
    return text[start:end].removesuffix("\n")


def grep(text: str, pattern: str, most: int, ignore_case: bool) -> Found:
    """Lines that match. Raises BadSearch for a pattern that is none, or takes too long on this text."""
    try:
        flags = regex.MULTILINE | (regex.IGNORECASE if ignore_case else 0)
        compiled: Any = regex.compile(pattern, flags)
        return _found(text, compiled, min(most, MOST_MATCHES))
    except regex.error as error:
        raise BadSearch(f"grep: {pattern!r:.200} is no pattern: {error}") from None
    except TimeoutError:
        raise BadSearch(
            f"grep: {pattern!r:.200} took more than {SECONDS_A_SEARCH:g} s; write it without repetitions in repetitions"
        ) from None


def _found(text: str, compiled: Any, most: int) -> Found:
    lines: list[str] = []
    matches, number, at, ends = 0, 1, 0, -1
    for match in compiled.finditer(text, timeout=SECONDS_A_SEARCH, concurrent=True):
        if match.start() <= ends:  # of a line that is counted already
            continue
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.start())
        ends = len(text) if end < 0 else end
        matches += 1
        if len(lines) < most:
            number, at = number + text.count("\n", at, start), start
            lines.append(f"{number}: {_around(text, start, ends, match.start())}")
    return Found(lines, matches)


def _around(text: str, start: int, end: int, match: int) -> str:
    """The line, or what of it stands around its match."""
    if end - start <= LONGEST_LINE:
        return text[start:end]
    first = max(start, match - LONGEST_LINE // 2)
    return f"…{text[first : min(end, first + LONGEST_LINE)]}…"


def _start_of_line(text: str, at: int, lines: int) -> int:
    """Where the line begins that is `lines` after the one at `at`; the end of the text where there is none."""
    for _ in range(lines):
        found = text.find("\n", at)
        if found < 0:
            return len(text)
        at = found + 1
    return at
