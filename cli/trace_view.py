"""A run in the terminal: what was asked, its figures, its tree with a timeline."""

from collections.abc import Iterator, Sequence

from rich.columns import Columns
from rich.console import Group, RenderableType
from rich.text import Text

from cli.moments import local
from cli.screen import printable
from cli.tree_table import tree_table
from dashboard import fmt
from dashboard.facts import critical_steps, run_facts, run_notes
from dashboard.lines import Line, errors_said, run_lines
from dashboard.plain import line
from dashboard.run import Run

MOST_ROWS = 200
MOST_ERRORS, MOST_NAMES = 10, 4


def trace_view(run: Run, *, width: int, most: int | None = MOST_ROWS, levels: int | None = None) -> Group:
    """Text only: nothing that came in a span is read as markup."""
    lines = run_lines(run, most=most, levels=levels)
    table = tree_table(lines, first_column="span", width=width)
    return Group(*_head(run), "", table, "", *_errors(lines), *_foot(run, lines))


def _head(run: Run) -> Iterator[RenderableType]:
    summary = run.summary
    yield Text(printable(line(summary.model_name or summary.root_name)), style="bold")
    if summary.question:
        yield Text(printable(line(summary.question, 300)))
    started = fmt.moment(local(summary.started))
    yield Text(f"{started} · trace {summary.trace_id}", style="dim")
    facts = [Text.assemble((f"{fact.label} ", "dim"), (fact.value, "bold")) for fact in run_facts(run)]
    yield Columns(facts, padding=(0, 3))
    yield Text.assemble(
        ("Critical path ", "dim"),
        printable(" → ".join(critical_steps(run))),
        (f"   models {fmt.share(run.critical_model_ms, run.summary.latency_ms)}", "dim"),
    )


def _errors(lines: Sequence[Line]) -> Iterator[Text]:
    said = errors_said(lines)
    for error, names in list(said.items())[:MOST_ERRORS]:
        more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
        who = printable(", ".join(names[:MOST_NAMES]) + more)
        yield Text.assemble(("× ", "red"), (who, "red"), f"\n  {printable(error)}")
    if len(said) > MOST_ERRORS:
        yield Text(f"… and {fmt.plural(len(said) - MOST_ERRORS, 'error')} of other kinds", style="red")


def _foot(run: Run, lines: Sequence[Line]) -> Iterator[Text]:
    yield Text("█ the run waits for this span itself   ━ call   ─ stage", style="dim")
    if hidden := sum(row.hidden for row in lines):
        yield Text(f"{fmt.plural(hidden, 'span')} folded away: --all shows them, --depth N so many levels.")
    for note in run_notes(run):
        yield Text(printable(note), style="yellow")
