"""`composite-llm prune`: takes old runs away, after it has shown what would go."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collector.retention.limits import Pruned

Keep = Annotated[
    str,
    typer.Option(metavar="AGE", help="Runs that ended longer ago go: 12h, 30d, 8w.", show_default=False),
]
MaxSize = Annotated[
    str,
    typer.Option(
        metavar="SIZE",
        help="The earliest runs go until the store is smaller: 500MB, 5GB.",
        show_default=False,
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would go, and stop.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Json = Annotated[bool, typer.Option("--json", help="Print what went as JSON; without --yes, what would go.")]

SECONDS_A_DAY = 86_400
MOST_DAYS = 31
NO_LIMITS = "--keep 30d, --max-size 5GB, or both. The collector has no limits of its own."


def prune(
    keep: Keep = "", max_size: MaxSize = "", dry_run: DryRun = False, yes: Yes = False, json: Json = False
) -> None:
    """Take old runs away for good, whole ones only. Without limits: those the collector was started with.

    Example: composite-llm prune --keep 30d --max-size 5GB
    """
    from dataclasses import asdict

    from cli.connection import collector
    from cli.screen import print_json, stop
    from collector.errors import QuestionError
    from collector.retention.limits import Limits

    with collector() as client:
        # Read in here, where what is wrong with them becomes a sentence.
        limits = Limits.of(keep, max_size)
        days = None if limits.keep_seconds is None else limits.keep_seconds / SECONDS_A_DAY

        def pruned(*, dry_run: bool) -> "Pruned":
            return client.prune(keep_days=days, max_bytes=limits.max_bytes, dry_run=dry_run)

        if json:
            print_json(asdict(pruned(dry_run=dry_run or not yes)))
            return
        try:
            planned = pruned(dry_run=True)
        except QuestionError:
            if limits:
                raise
            raise stop(f"Say what to keep: {NO_LIMITS}") from None
        _show_plan(planned)
        if planned.traces and not dry_run and (yes or _confirmed(planned)):
            _show_result(pruned(dry_run=False))


def _show_plan(planned: "Pruned") -> None:
    from rich.table import Table

    from cli.screen import console
    from dashboard import fmt

    if not planned.traces:
        console().print(f"Nothing to take away: the store has {fmt.size(planned.store_bytes_before)}.")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("ended on (UTC)")
    for heading in ("runs", "spans", "about"):
        table.add_column(heading, justify="right")
    for day in planned.days[:MOST_DAYS]:
        table.add_row(day.day, fmt.count(day.traces), fmt.count(day.spans), fmt.size(day.bytes))
    if len(planned.days) > MOST_DAYS:
        table.add_row(f"… {len(planned.days) - MOST_DAYS:,} more days", style="dim")
    table.add_row(
        "total", fmt.count(planned.traces), fmt.count(planned.spans), fmt.size(planned.bytes), style="bold"
    )
    console().print(table)


def _confirmed(planned: "Pruned") -> bool:
    import sys

    from cli.screen import stop
    from dashboard import fmt

    if not sys.stdin.isatty():
        raise stop("Nothing was taken away: there is nobody to ask. Confirm with --yes.", code=1)
    if typer.confirm(f"Take {fmt.plural(planned.traces, 'run')} away for good?", err=True):
        return True
    raise stop("Nothing was taken away.", code=1)


def _show_result(done: "Pruned") -> None:
    from cli.screen import console, say
    from dashboard import fmt

    sizes = f"{fmt.size(done.store_bytes_before)} before, {fmt.size(done.store_bytes_after)} now"
    console().print(
        f"Took {fmt.plural(done.traces, 'run')} with {fmt.plural(done.spans, 'span')} away. The store: {sizes}."
    )
    say(done.note, "yellow")
