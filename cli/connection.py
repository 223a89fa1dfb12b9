"""The collector that the commands ask."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cli.screen import say, stop

if TYPE_CHECKING:
    from collector.client import CollectorClient

PATIENCE_S = 10.0


@contextmanager
def collector() -> Generator["CollectorClient"]:
    """The one that runs, or one that is started here and ends with this command."""
    from collector.client import CollectorClient
    from collector.errors import BadLimit, CollectorError, QuestionError
    from composite_llm import settings

    settings.read_dotenv()
    found = settings.load()
    try:
        with CollectorClient(found.collector) as client:
            _start_if_away(client)
            yield client
    except (QuestionError, BadLimit) as error:
        raise stop(str(error)) from None
    except CollectorError as error:
        raise stop(str(error), code=1) from None


def _start_if_away(client: "CollectorClient") -> None:
    import httpx

    from collector.errors import CollectorUnavailable
    from collector.http_client import is_loopback
    from collector.launch import ensure_collector
    from composite_llm import settings

    try:
        client.health()
    except CollectorUnavailable as error:
        # One that is there and slow is asked all the same: a question has more time than this.
        if not isinstance(error.__cause__, httpx.ConnectError):
            return
        if not is_loopback(client.url):
            raise
        found = settings.load()
        say(f"No collector runs at {client.url}: reading {found.data.absolute()} meanwhile.", "dim")
        ensure_collector(found)
        _land_what_waits(client)


def _land_what_waits(client: "CollectorClient") -> None:
    """What programs spooled while no collector ran is part of the answer: a run would be shown with half its calls.

    Files that do not land are given up on, and said, once nothing has moved for as long as `PATIENCE_S`.
    """
    waiting, moved = client.health().spool_files, time.monotonic()
    while waiting and time.monotonic() - moved < PATIENCE_S:
        time.sleep(0.05)
        before, waiting = waiting, client.health().spool_files
        moved = time.monotonic() if waiting < before else moved
    if waiting:
        say(f"{waiting} spooled files have not landed yet: what they hold is missing below.", "yellow")
