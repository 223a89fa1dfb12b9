"""What a bar or a point of a chart stands for, so that a click on it can lead to the runs that make it up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Mark:
    """Runs that began in `[since_s, until_s)`, seconds since 1970 (None: all of the window), of `name`."""

    name: str
    """A model or a strategy; empty where the mark is about all of them."""
    since_s: int | None = None
    until_s: int | None = None

    def beside(self, said: str) -> list[Any]:
        """As `customdata` of a mark, after what is said of it."""
        return [said, self.name, self.since_s, self.until_s]


def chosen_mark(selection: Mapping[str, Any]) -> Mark | None:
    """The mark that a reader has clicked, as Streamlit hands on a chart's selection; None where there is none.

    It comes back from the browser, so nothing is taken on trust.
    """
    for point in selection.get("points") or ():
        match point.get("customdata"):
            case [_, str() as name, since_s, until_s, *_] if _is_second(since_s) and _is_second(until_s):
                return Mark(name, since_s, until_s)
            case _:
                continue
    return None


def _is_second(value: Any) -> bool:
    return value is None or (isinstance(value, int) and 0 <= value < 2**33)
