"""Questions to begin with, one a file: the first line says what is asked. `$since_ns` and `$until_ns` are the window
that is chosen at the left."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
ORDER = (
    "dearest_role",
    "cost_by_user",
    "stragglers",
    "dearest_runs",
    "spend_by_day",
    "composite_against_plain",
    "failures",
    "retries",
    "cache_hits",
    "speed",
    "without_price",
)


@cache
def examples() -> dict[str, str]:
    """What is asked, and the statement; what is asked most first."""
    texts = [(FOLDER / f"{name}.sql").read_text().strip() for name in ORDER]
    return {text.partition("\n")[0].removeprefix("-- "): text for text in texts}
