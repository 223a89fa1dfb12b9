"""Strategies and profiles as tables, and one mode as lines: in the order its steps are written."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cli.screen import printable
from composite_llm.planning.estimate import TYPICAL
from composite_llm.planning.listing import Listing, Row
from composite_llm.planning.outline import outline
from composite_llm.planning.told import SYMBOLS, Drawing
from dashboard import estimates

_SIZE = (
    f"Cost of one request with {TYPICAL.question} tokens of question and {TYPICAL.answer} of each answer, "
    "by LiteLLM's price table, without retries."
)


def modes_view(found: Listing) -> Group:
    """Text only: nothing in a profile is read as markup."""
    parts: list[RenderableType] = [
        _table(
            ("strategy", "calls", "sample"),
            [
                (
                    f"{row.model} (experimental)" if row.experimental else row.model,
                    row.calls,
                    row.sample or "–",
                )
                for row in found.strategies
            ],
        ),
        "",
        _table(
            ("profile", "calls", "cost", "strategy", ""),
            [
                (row.model, estimates.calls(row.estimate), _cost(row), row.strategy, row.description)
                for row in found.profiles
            ],
        ),
        "",
        Text(f"{SYMBOLS}. {_SIZE}", style="dim"),
    ]
    parts += [Text(printable(problem), style="yellow") for problem in found.problems]
    return Group(*parts)


def mode_view(row: Row, drawing: Drawing) -> Group:
    """What it is, and one line a step: its kind, whom it reads, whom it asks."""
    head = Text(f"{row.model}  ", style="bold").append(printable(row.description), "not bold")
    steps = _table(
        ("step", "kind", "reads", "asks"),
        [(line.step, line.kind, line.reads, line.asks) for line in outline(drawing)],
    )
    known = f"{estimates.calls(row.estimate)} calls, {_cost(row)}"
    return Group(head, "", steps, "", Text(known), Text(_SIZE, style="dim"))


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for position, column in enumerate(columns):
        table.add_column(Text(column), overflow="fold", no_wrap=position == 0)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def _cost(row: Row) -> str:
    known = row.estimate
    told = estimates.cost(known)
    return f"{told}; no price for {', '.join(known.unpriced)}" if known and known.unpriced else told
