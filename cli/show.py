"""What `composite_llm.show` draws with: a run inline in a notebook, or as text.

Found by the entry point `composite_llm_display`, so composite_llm knows nothing of it.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.text import Text

from cli.find_run import NoSuchRun, digits, find_run
from cli.receipt_view import receipt_view
from cli.screen import console, printable
from cli.trace_view import trace_view
from collector.client import CollectorClient
from collector.errors import CollectorError
from composite_llm import settings
from composite_llm.accounting.receipts import Receipt
from dashboard import fmt
from dashboard.notebook import as_html
from dashboard.run import Run, open_run

SECONDS_TO_WAIT = 3.0
"""For a collector that takes spans from the spool, or commits them just now."""
SECONDS_BETWEEN = 0.1
NOTEBOOK_WIDTH = 110


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A run as far as it is known: from the store, else from its receipt, with a word why."""

    run: Run | None
    receipt: Receipt | None
    problem: str = ""

    def text(self, width: int) -> Group:
        parts: list[RenderableType] = []
        if self.run:
            parts = [trace_view(self.run, width=width)]
        elif self.receipt:
            parts = [receipt_view(self.receipt, width=width)]
        return Group(*parts, *([Text(printable(self.problem), style="yellow")] if self.problem else []))

    def __repr__(self) -> str:
        return _plain(self.text)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Of these a notebook takes the HTML, and IPython in a terminal the text."""
        return {"text/plain": repr(self), "text/html": as_html(self.run, self.receipt, self.problem)}


def show(trace_id: str, receipt: Receipt | None) -> None:
    try:
        wanted = digits(trace_id)
    except NoSuchRun as error:
        raise ValueError(str(error)) from None
    settings.read_dotenv()
    with CollectorClient(settings.load().collector) as client:
        found = look_up(client, wanted, receipt, seconds=SECONDS_TO_WAIT)
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(found)
        return
    screen = console()
    screen.print(found.text(screen.width))


def look_up(client: CollectorClient, wanted: str, receipt: Receipt | None, *, seconds: float) -> Shown:
    """The stored run once it holds every call of the receipt; what there is of it when the time is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            run, problem = open_run(client, find_run(client, wanted)), ""
        except (NoSuchRun, CollectorError) as error:
            run, problem = None, str(error)
        calls = len(receipt.calls) if receipt else 0
        if run and run.summary.calls >= calls:
            return Shown(run, receipt)
        if time.monotonic() >= deadline:
            return Shown(run, receipt, _explained(run, receipt, problem))
        time.sleep(SECONDS_BETWEEN)


def _explained(run: Run | None, receipt: Receipt | None, problem: str) -> str:
    if run and receipt:
        return f"Stored so far: {run.summary.calls} of {fmt.plural(len(receipt.calls), 'call')}."
    if receipt:
        return (
            f"This is the receipt alone, as the run cannot be read from the store yet. {_sentence(problem)}"
        )
    return _sentence(problem)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _plain(text: Callable[[int], Group]) -> str:
    page = StringIO()
    Console(file=page, width=NOTEBOOK_WIDTH, color_system=None, force_jupyter=False).print(
        text(NOTEBOOK_WIDTH)
    )
    return page.getvalue()
