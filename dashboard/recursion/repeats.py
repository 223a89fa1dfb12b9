"""Looks for sub-questions that were asked again, the newest runs first, for as long as somebody looks at the page.

It reads prompts, so it is not done unasked, and some runs at a time: Streamlit cannot be interrupted by a button of
the part it draws, so this has a thread of its own.
"""

import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from collector.client import CollectorClient
from collector.errors import CollectorError
from dashboard import content
from dashboard.answers import rows_of
from dashboard.answers.recursion import SubQuestion

RUNS_AT_ONCE = 20
SECONDS_UNSEEN = 10.0
"""A page that was closed looks no more."""
MOST_SHOWN = 25
LONGEST_QUESTION = 4_000
"""Characters that are read of each."""


@dataclass(frozen=True, slots=True)
class Place:
    """A run, and between which moments its spans begin."""

    trace_id: str
    first_ns: int
    last_ns: int


@dataclass(slots=True)
class Repeated:
    """A question that one model was asked more than once. Money that memoisation would have saved is all but the
    first; a lower bound where a call has no price."""

    model: str
    runs: list[SubQuestion] = field(default_factory=list[SubQuestion])
    question: str = ""

    @property
    def first(self) -> SubQuestion:
        return min(self.runs, key=lambda row: row.first_ns)

    @property
    def calls(self) -> int:
        return sum(row.calls for row in self.runs)

    @property
    def unpriced(self) -> int:
        """Of those after the first."""
        return sum(row.unpriced_calls for row in self.runs) - (self.first.first_usd is None)

    @property
    def saved_usd(self) -> float:
        """Of the calls after the first, as far as they have a price."""
        return max(0.0, sum(row.spend_usd for row in self.runs) - (self.first.first_usd or 0.0))

    @property
    def saved_in_runs_usd(self) -> float:
        """The same by remembering no longer than a run lasts."""
        return sum(max(0.0, row.spend_usd - (row.first_usd or 0.0)) for row in self.runs)

    @property
    def is_known(self) -> bool:
        """False where none of the calls after the first has a price."""
        return self.calls - 1 > self.unpriced

    @property
    def most_in_a_run(self) -> int:
        return max(row.calls for row in self.runs)


def repeated(rows: Iterable[SubQuestion]) -> list[Repeated]:
    """What was asked more than once, the dearest repetition first."""
    found: dict[tuple[str, str], Repeated] = {}
    for row in rows:
        if row.digest is not None:
            found.setdefault((row.model, row.digest), Repeated(row.model)).runs.append(row)
    several = [each for each in found.values() if each.calls > 1]
    return sorted(several, key=lambda each: (-each.saved_usd, -each.calls, each.first.first_ns))


def without_content(rows: Iterable[SubQuestion]) -> int:
    """Calls that cannot be told apart, since their input is not stored."""
    return sum(row.calls for row in rows if row.digest is None)


class RepeatSearch:
    def __init__(self, client: CollectorClient, runs: Sequence[Place], about: object) -> None:
        self.about = about
        """What it looks through; another page's search is about something else."""
        self.runs = runs
        self.rows: list[SubQuestion] = []
        self.found: list[Repeated] = []
        self.searched = 0
        self.state = "searching"
        """Then complete, stopped or failed."""
        self.problem: CollectorError | None = None
        self._client = client
        self._seen = time.monotonic()
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="repeat-search", daemon=True).start()

    @property
    def is_running(self) -> bool:
        return self.state == "searching"

    @property
    def share(self) -> float:
        return self.searched / len(self.runs) if self.runs else 1.0

    def seen(self) -> None:
        self._seen = time.monotonic()

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        try:
            for start in range(0, len(self.runs), RUNS_AT_ONCE):
                if self._stopped.is_set() or time.monotonic() - self._seen > SECONDS_UNSEEN:
                    self.state = "stopped"
                    break
                self._look(self.runs[start : start + RUNS_AT_ONCE])
            else:
                self.state = "complete"
        except CollectorError as problem:
            self.problem, self.state = problem, "failed"

    def _look(self, runs: Sequence[Place]) -> None:
        table = self._client.ask(
            "sub_questions",
            trace_ids=[run.trace_id for run in runs],
            first_ns=min(run.first_ns for run in runs),
            last_ns=max(run.last_ns for run in runs),
        )
        self.rows = [*self.rows, *rows_of(SubQuestion, table)]
        found = repeated(self.rows)
        told = {(each.first.trace_id, each.first.first_span_id): each.question for each in self.found}
        for each in found[:MOST_SHOWN]:
            first = each.first.trace_id, each.first.first_span_id
            each.question = told.get(first) or self._question(*first)
        self.found = found
        self.searched += len(runs)

    def _question(self, trace_id: str, span_id: str) -> str:
        table = self._client.ask(
            "span_contents",
            trace_id=trace_id,
            span_ids=[span_id],
            most_input=LONGEST_QUESTION,
            most_output=0,
        )
        texts: list[str | None] = table["input_text"].to_pylist()
        read = content.messages(*texts)
        return read[-1].text if read else ""
