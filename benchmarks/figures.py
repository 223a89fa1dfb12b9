"""A measured figure, and the table of several."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    what: str
    measured: str
    target: str = "–"


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table, as `benchmarks/README.md` holds it."""
    rows = [f"| {figure.what} | {figure.measured} | {figure.target} |" for figure in figures]
    return "\n".join(["| what | measured | target |", "| --- | ---: | ---: |", *rows])
