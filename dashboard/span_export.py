"""The spans of a trace as CSV, for spreadsheets and notebooks."""

import csv
import io
from collections.abc import Iterable

from dashboard.run import Run

FORMULAE = ("=", "+", "-", "@", "\t", "\r")
"""What a text must not begin with: a spreadsheet would compute it, and names come from whoever sends spans."""
OWN, TOTAL = "cost_usd", "total_cost_usd"


def spans_csv(run: Run, rows: Iterable[int] | None = None) -> bytes:
    """A line a span in the order of `rows`, or of the tree: its name on screen, the columns of the question
    `trace_spans`, and what it cost with everything under it; empty where a number is not known."""
    out = io.StringIO()
    writer = csv.writer(out)
    columns = run.spans.column_names
    writer.writerow(["shown_as", *columns, TOTAL])
    values = {name: run.spans[name].to_pylist() for name in columns}
    for row in range(run.spans.num_rows) if rows is None else rows:
        total = run.total_costs[row]
        cells = [run.names[row], *(values[name][row] for name in columns), "" if total is None else total]
        writer.writerow([_cell(value) for value in cells])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULAE) else value
    return "" if value is None else value
