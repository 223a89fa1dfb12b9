"""`composite-llm search`: which runs say a text, in any prompt or answer."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.traces import Origin, Since, Strategy, Until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.client import SearchStep

Words = Annotated[str, typer.Argument(metavar="TEXT", help="Found in any case, in every prompt and answer.")]
Last = Annotated[
    str | None,
    typer.Option(metavar="AGE", help="How far back: 90m, 24h, 7d, 4w.  [default: 24h]", show_default=False),
]
All = Annotated[bool, typer.Option("--all", help="Everything that is stored.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="End with so many runs.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a match and line.")]

DAY = "24h"
CANCELLED = 130
"""What shells say of a program that Ctrl-C ended."""


def search(
    text: Words,
    last: Last = None,
    everything: All = False,
    since: Since = None,
    until: Until = None,
    strategy: Strategy = None,
    origin: Origin = "all",
    limit: Limit = 20,
    json: Json = False,
) -> None:
    """Find the runs that say a text, the newest first. Ctrl-C cancels the search where it runs.

    Example: composite-llm search "refund" --last 7d
    """
    from cli.connection import collector
    from cli.moments import window
    from cli.screen import say, stop

    try:
        if everything and (last or since):
            raise ValueError("--all leaves nothing for --last and --since to say.")
        hours = _hours(last or DAY) if last or not (everything or since) else None
        since_ns, until_ns = window(hours, since, until)
    except ValueError as error:
        raise stop(str(error)) from None
    with collector() as client:
        steps = client.search(
            text, since=str(since_ns), until=str(until_ns), strategy=strategy, origin=origin, limit=limit
        )
        shown = _Shown(text, as_json=json)
        try:
            shown.take(steps)
        except KeyboardInterrupt:
            # Hanging up is what cancels it there.
            steps.close()
            say(f"Cancelled. {shown.so_far()}".rstrip())
            raise typer.Exit(CANCELLED) from None
        asked_for_all = everything or bool(since)
        say(
            shown.in_the_end() + ("" if asked_for_all or shown.found else " --all searches everything."),
            "dim",
        )


def _hours(age: str) -> float:
    import re

    from collector.errors import BadLimit
    from collector.retention.limits import seconds_of

    if minutes := re.fullmatch(r"\s*(\d+)\s*m(?:in)?\s*", age):
        return int(minutes[1]) / 60
    try:
        return seconds_of(age) / 3600
    except BadLimit:
        raise ValueError(f"--last {age!r} is no age. Write 90m, 24h, 7d or 4w.") from None


class _Shown:
    """Matches as they come, above a bar that says how far the search has come."""

    def __init__(self, text: str, *, as_json: bool) -> None:
        self.found = 0
        self._text = text
        self._as_json = as_json
        self._last: SearchStep | None = None

    def take(self, steps: "Iterator[SearchStep]") -> None:
        import sys

        from cli.match_view import match_view
        from cli.screen import console, print_json
        from cli.search_bar import search_bar

        # Where both go to one terminal, the bar has to stay below what is printed.
        screen = console()
        with search_bar(screen if screen.is_terminal else console(stderr=True)) as bar:
            for step in steps:
                self._last = step
                for match in step.matches:
                    self.found += 1
                    if self._as_json:
                        print_json(match)
                    else:
                        screen.print(match_view(match, self._text))
                sys.stdout.flush()
                bar(step.share, self.found)

    def so_far(self) -> str:
        return f"Searched back to {self._reached()}." if self._last else ""

    def in_the_end(self) -> str:
        from dashboard import fmt

        if self._last and self._last.state == "enough":
            return (
                f"Ended with {fmt.plural(self.found, 'run')}, back to {self._reached()}; "
                "--limit finds more of them."
            )
        return f"{fmt.plural(self.found, 'run')} found." if self.found else "No run says it."

    def _reached(self) -> str:
        from cli.match_view import moment

        assert self._last is not None
        return moment(self._last.searched_since)
