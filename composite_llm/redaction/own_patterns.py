"""A user's own regular expressions: a file with one a line; blank lines and lines that start with # say nothing.

They are not ours to judge, so each gets a time limit: a text that a pattern cannot be done with by then is
left out whole, since nobody knows what it holds.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

SECONDS_A_TEXT = 1.0
REPLACEMENT = "[redacted]"


class BadPatterns(ValueError):
    """A file of patterns that cannot be used. Says which line, and why."""


@dataclass(frozen=True, slots=True)
class OwnPattern:
    where: str
    """File and line, for messages."""
    regex: Any  # regex.Pattern, whose class the library does not export

    def without_matches(self, text: str) -> str:
        try:
            return self.regex.sub(REPLACEMENT, text, timeout=SECONDS_A_TEXT)
        except TimeoutError:
            log.warning(
                "%s takes too long on a text of %d characters, which is left out whole: "
                "rewrite it without repetitions inside repetitions",
                self.where,
                len(text),
            )
            return REPLACEMENT


def read_patterns(file: Path) -> tuple[OwnPattern, ...]:
    """Raises BadPatterns: a pattern that is silently ignored would let through what it was meant for."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadPatterns(f"The patterns to redact cannot be read from {file}: {reason}.") from error
    stripped = ((number, line.strip()) for number, line in enumerate(lines, 1))
    return tuple(
        _pattern(f"{file}, line {number}", line)
        for number, line in stripped
        if line and not line.startswith("#")
    )


def _pattern(where: str, line: str) -> OwnPattern:
    import regex  # only where somebody has patterns of their own

    try:
        compiled = regex.compile(line)
    except regex.error as error:
        raise BadPatterns(f"In {where}: {line!r} is not a regular expression: {error}.") from error
    if compiled.search("", timeout=SECONDS_A_TEXT):
        raise BadPatterns(f"In {where}: {line!r} matches the empty text, and so everywhere.")
    return OwnPattern(where, compiled)
