"""What to say of the engine's errors: in its own words, and where they speak of damage, what that means."""

import re

MARKS = ("Corrupt database", "has been invalidated", "checksum")
ADVICE = re.compile(r"\n+Possible solutions:.*|[^.;:\n]*\bSET [a-z_]+\b[^\n]*", re.DOTALL)
"""To set what nobody can set here."""


def words(error: Exception) -> str:
    said = ADVICE.sub("", str(error)).rstrip()
    if not any(mark in said for mark in MARKS):
        return said
    return (
        f"{said}. The file is damaged. What was acknowledged is kept in it, but for what stands in the damaged "
        "block. Copy it, restore it from a copy made before, or give another folder with --data."
    )
