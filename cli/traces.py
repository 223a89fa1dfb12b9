"""`composite-llm traces`: the newest runs."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collector.client import CollectorClient
    from dashboard.answers import Summary

LastHours = Annotated[
    float | None, typer.Option(min=0, help="Runs of the last so many hours.", show_default=False)
]
Since = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="From then on: 2026-11-21, '2026-11-21 14:30'.", show_default=False),
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Before then.", show_default=False)]
Strategy = Annotated[
    list[str] | None,
    typer.Option(help="moa, council, direct … or other; repeat it for several.", show_default=False),
]
Model = Annotated[str, typer.Option(help="Runs that called this model.", show_default=False)]
Errors = Annotated[bool, typer.Option("--errors", help="Runs in which something failed.")]
Origin = Annotated[str, typer.Option(help="all, real or simulated.")]
MinCost = Annotated[float, typer.Option(min=0, metavar="USD", help="Runs that cost at least this.")]
MinLatency = Annotated[float, typer.Option(min=0, metavar="SECONDS", help="Runs that took at least this.")]
Words = Annotated[
    str, typer.Option("--text", help="Part of the question or of the model's name.", show_default=False)
]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="At most so many, newest first.")]
Follow = Annotated[
    bool,
    typer.Option(
        "--follow", "-f", help="Go on with every run that ends, also those listed as running, until Ctrl-C."
    ),
]
Status = Annotated[str, typer.Option(help="ok, error or running.", show_default=False)]
Attribute = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=VALUE", help="Runs with a span that carries it; repeatable.", show_default=False
    ),
]
Session = Annotated[str, typer.Option(metavar="ID", help="Runs of this session.", show_default=False)]
User = Annotated[str, typer.Option(metavar="ID", help="Runs of this user.", show_default=False)]
Tag = Annotated[str, typer.Option(help="Runs with this tag.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

LEAST_NOTE = len("2 errors · simulated")
"""So that rows which are printed one by one stand under each other."""


def traces(
    last_hours: LastHours = None,
    since: Since = None,
    until: Until = None,
    strategy: Strategy = None,
    model: Model = "",
    status: Status = "",
    errors: Errors = False,
    origin: Origin = "all",
    min_cost: MinCost = 0.0,
    min_latency: MinLatency = 0.0,
    text: Words = "",
    session: Session = "",
    user: User = "",
    tag: Tag = "",
    attribute: Attribute = None,
    limit: Limit = 20,
    follow: Follow = False,
    json: Json = False,
) -> None:
    """List runs, the newest first.

    Example: composite-llm traces --last-hours 24 --strategy moa --min-cost 0.05
    """
    from cli.connection import collector
    from cli.moments import window
    from cli.screen import stop
    from dashboard.answers import Summary, rows_of

    try:
        since_ns, until_ns = window(last_hours, since, until)
    except ValueError as error:
        raise stop(str(error)) from None
    wanted = {
        "since_ns": since_ns,
        "until_ns": until_ns,
        "strategies": strategy or [],
        "origin": origin,
        "model": model,
        "status": status,
        "errors_only": errors,
        "min_cost_usd": min_cost,
        "min_latency_ms": min_latency * 1000,
        "text": text,
        "session_id": session,
        "user_id": user,
        "tag": tag,
        "attributes": attribute or [],
    }
    with collector() as client:
        if follow:
            _follow(client, wanted, limit, as_json=json)
        rows = client.ask("traces", **wanted, page_size=limit)
        found = rows_of(Summary, rows)
        if found:
            _print(found, as_json=json)
            _say_what_is_left(rows["matching"][0].as_py() - len(found))
        else:
            _say_nothing_found(client.health().traces)


def _follow(client: "CollectorClient", wanted: dict[str, Any], limit: int, *, as_json: bool) -> None:
    import sys

    from cli.follow import follow
    from cli.screen import stop

    has_head = False

    def tell(runs: "list[Summary]") -> None:
        nonlocal has_head
        _print(runs, as_json=as_json, with_head=not has_head, least_note=LEAST_NOTE)
        sys.stdout.flush()
        has_head = True

    follow(client, wanted, limit=limit, tell=tell)
    raise stop("The collector has ended.", code=1)


def _print(runs: "list[Summary]", *, as_json: bool, **layout: Any) -> None:
    from cli.run_table import run_table
    from cli.screen import console, print_json

    if as_json:
        for run in runs:
            print_json(as_dict(run))
        return
    screen = console()
    screen.print(run_table(runs, width=screen.width, **layout))


def as_dict(run: "Summary") -> dict[str, Any]:
    """As every field is named elsewhere; the start in UTC, as ISO 8601 writes it."""
    from dataclasses import asdict

    return {**asdict(run), "started": f"{run.started.isoformat(timespec='microseconds')}Z"}


def _say_what_is_left(more: int) -> None:
    from cli.screen import say
    from dashboard import fmt

    if more:
        say(
            f"{fmt.plural(more, 'more run')}: --limit shows more, --since, --text and the like choose among them.",
            "dim",
        )


def _say_nothing_found(stored: int) -> None:
    from cli.screen import say
    from dashboard import fmt

    if stored:
        say(f"No run matches; {fmt.count(stored)} are stored.")
    else:
        say('No run is stored yet. Record one: composite-llm ask "Why is the sky blue?"')
