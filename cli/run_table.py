"""Runs as a table in the terminal."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from cli.moments import brief
from cli.screen import printable
from dashboard import fmt
from dashboard.answers import Summary
from dashboard.plain import line

WIDE = 130
ID_DIGITS = 8
"""Enough to tell runs apart; every command takes the beginning of an id."""
WIDTH_FOR_CALLS, WIDTH_FOR_TOKENS = 90, 100
LEAST_QUESTION = 12
LEAST = {"latency": 8, "calls": 5, "tokens": 6, "cost": 9}
"""So wide that the rows of one print stand under those of another, most of the time."""


def run_table(runs: Sequence[Summary], *, width: int, with_head: bool = True, least_note: int = 0) -> Table:
    """Text only: nothing that came in a span is read as markup. The question gets the room that is left."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True, show_header=with_head)
    table.add_column("trace", no_wrap=True)
    table.add_column("started", no_wrap=True, min_width=len("14:03:07"))
    table.add_column("mode", no_wrap=True, min_width=7, max_width=12, overflow="ellipsis")
    table.add_column("question", ratio=1, no_wrap=True, overflow="ellipsis", min_width=LEAST_QUESTION)
    for heading in _figures(runs[0], width):
        table.add_column(heading, justify="right", no_wrap=True, min_width=LEAST[heading])
    table.add_column("note", no_wrap=True, min_width=least_note)
    for run in runs:
        table.add_row(*_cells(run, width))
    return table


def _cells(run: Summary, width: int) -> Iterable[Text | str]:
    return (
        Text(run.trace_id if width >= WIDE else run.trace_id[:ID_DIGITS]),
        brief(run.started),
        Text(printable(line(run.strategy or "other", 40))),
        Text(printable(line(run.question or run.root_name, 300))),
        *_figures(run, width).values(),
        _note(run),
    )


def _figures(run: Summary, width: int) -> dict[str, str]:
    """By heading; where there is little room, without those that the cost stands for."""
    tokens = run.input_tokens + run.output_tokens
    figures = {"latency": fmt.duration(run.latency_ms)}
    if width >= WIDTH_FOR_CALLS:
        figures["calls"] = fmt.count(run.calls)
    if width >= WIDTH_FOR_TOKENS:
        figures["tokens"] = fmt.compact(tokens)
    return {**figures, "cost": fmt.run_cost(run.cost_usd, run.unpriced_calls, tokens)}


def _note(run: Summary) -> Text:
    errors = fmt.plural(run.errors, "error") if run.errors else ""
    parts = [
        ("running" if run.status == "running" else "", "cyan"),
        ("failed" if run.failed else "", "red"),
        ("" if run.failed else errors, "yellow"),
        ("simulated" if run.simulated else "", "yellow"),
    ]
    return Text(" · ").join(Text(*part) for part in parts if part[0])
