"""`composite-llm trace show`: one run as a tree with a timeline."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from dashboard.run import Run

trace = typer.Typer(no_args_is_help=True, help="Look into one run.")


@trace.command()
def show(
    trace_id: Annotated[
        str, typer.Argument(metavar="ID", help="The trace id: 32 hex digits, or the first few of them.")
    ],
    everything: Annotated[bool, typer.Option("--all", help="Every span, however many there are.")] = False,
    depth: Annotated[
        int | None, typer.Option(min=1, help="So many levels of the tree.", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the run and its spans as JSON.")] = False,
) -> None:
    """Print one run: what it cost, what it waited for, every span with its time.

    Example: composite-llm trace show 4bf92f35
    """
    from cli.connection import collector
    from cli.find_run import NoSuchRun, NotAnId, find_run
    from cli.screen import print_json, stop
    from dashboard.run import open_run

    with collector() as client:
        try:
            run = open_run(client, find_run(client, trace_id))
        except NoSuchRun as error:
            raise stop(str(error), code=2 if isinstance(error, NotAnId) else 1) from None
    if run is None:
        raise stop(f"The run {trace_id} has just been removed.", code=1)
    if json:
        print_json(as_dict(run))
    else:
        _print(run, everything=everything, depth=depth)


def as_dict(run: "Run") -> dict[str, object]:
    """The run's figures, its critical path, and its spans in tree order."""
    from dataclasses import asdict

    summary = asdict(run.summary)
    path = [asdict(segment) for segment in run.critical]
    return {**summary, "critical_path": path, "spans": run.spans.to_pylist()}


def _print(run: "Run", *, everything: bool, depth: int | None) -> None:
    from cli.screen import console
    from cli.trace_view import MOST_ROWS, trace_view

    screen = console()
    most = None if everything else MOST_ROWS
    screen.print(trace_view(run, width=screen.width, most=most, levels=depth))
