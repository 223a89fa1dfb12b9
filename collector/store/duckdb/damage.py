"""What to say when the engine finds, while it runs, that the file is damaged."""

import duckdb

MARKS = ("Corrupt database", "has been invalidated", "checksum")


def words(error: duckdb.Error) -> str:
    """The engine's words, and where they speak of damage, what that means and what to do."""
    said = str(error)
    if not any(mark in said for mark in MARKS):
        return said
    return (
        f"{said}. The file is damaged. What was acknowledged is kept in it, but for what stands in the damaged "
        "block. Copy it, restore it from a copy made before, or give another folder with --data."
    )
