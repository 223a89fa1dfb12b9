"""Looks for words in all that runs said, the newest first, a stretch of time after the other.

Reading every prompt of a large store takes a minute, so it is not one question: whoever asks sees what was found
and how far the search has come after each stretch, and stops by asking no further.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from collector import queries
from collector.parameters import LAST_NS, ChosenRuns, Period, SaidIn, Words
from collector.store.interface import Answers

FIRST_STRETCH_NS = 3600 * 10**9
FIRST_SPANS = 16_384
"""Few, so that what was said lately is there at once."""
SECONDS_A_STRETCH = 0.25
"""Stretches hold more or fewer spans so that each takes about this long."""
LEAST_SPANS, MOST_SPANS = 65_536, 1_000_000
"""Of a stretch after the first: each costs a look at all there is, and texts are stored in blocks of thousands."""
MOST_A_STRETCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Words in the inputs and outputs of spans that start in [since_ns, until_ns), in any case."""

    text: str
    since_ns: int = 0
    until_ns: int = LAST_NS
    strategies: tuple[str, ...] = ()
    """Of the runs; empty means all."""
    origin: str = "all"
    mode: str = ""
    tag: str = ""
    limit: int = 50
    """The search ends once it has found so many runs."""


@dataclass(frozen=True, slots=True)
class Match:
    run: dict[str, Any]
    """With the columns of `collector.queries.traces`."""
    said: dict[str, Any]
    """The latest span of the run that says it, with the columns of `collector.queries.said`."""


@dataclass(frozen=True, slots=True)
class Step:
    matches: list[Match]
    """What this stretch added."""
    searched_since_ns: int
    """All later spans have been looked at."""
    share: float
    """Of the spans to be searched, 1.0 in the end."""
    state: str = "searching"
    """Or how it ended: complete, or enough, where the limit was reached."""


@dataclass(frozen=True, slots=True)
class Stretch:
    since_ns: int
    until_ns: int
    spans: int


def search(answers: Answers, asked: Search) -> Iterator[Step]:
    """One `Step` a stretch, and a last one that says how it ended. A run that says the words in several stretches
    comes once, with the latest."""
    whole = _counted(answers, asked.since_ns, asked.until_ns)
    end_ns, after_id = min(asked.until_ns, (whole["last_ns"] or 0) + 1), ""
    since_ns = end_ns if whole["first_ns"] is None else whole["first_ns"]
    pace = Pace(answers)
    found: set[str] = set()
    searched = 0
    while end_ns > since_ns:
        stretch = pace.stretch(since_ns, end_ns)
        words = Words(
            since_ns=stretch.since_ns,
            until_ns=end_ns,
            text=asked.text,
            most=MOST_A_STRETCH,
            after_id=after_id,
        )
        said = queries.content_matches(answers, words)
        is_cut = said.num_rows == MOST_A_STRETCH
        matches: list[Match] = []
        for match in _matches(answers, asked, words, said, found):
            matches.append(match)
            found.add(match.run["trace_id"])
            if len(found) == asked.limit:
                yield Step(matches, match.said["start_ns"], _share(searched, whole["spans"]), "enough")
                return
        if is_cut:
            # The next stretch ends with the trace this answer came to.
            end_ns, after_id = said["start_ns"][-1].as_py() + 1, said["trace_id"][-1].as_py()
        else:
            end_ns, after_id = stretch.since_ns, ""
            searched += stretch.spans
            pace.learn(stretch)
        yield Step(matches, end_ns, _share(searched, whole["spans"]))
    yield Step([], since_ns, 1.0, "complete")


class Pace:
    """Chooses stretches of as many spans as take a moment to read, however dense they lie in time."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._spans = FIRST_SPANS
        self._length_ns = FIRST_STRETCH_NS
        self._began = 0.0

    def stretch(self, since_ns: int, until_ns: int) -> Stretch:
        """The last one before `until_ns`."""
        self._began = time.monotonic()
        while True:
            start_ns = max(since_ns, until_ns - self._length_ns)
            spans = _counted(self._answers, start_ns, until_ns)["spans"]
            if spans <= 2 * self._spans or until_ns - start_ns == 1:
                return Stretch(start_ns, until_ns, spans)
            self._length_ns = max(1, (until_ns - start_ns) * self._spans // spans)

    def learn(self, stretch: Stretch) -> None:
        """How long the one just chosen took."""
        took = max(time.monotonic() - self._began, 1e-3)
        if stretch.spans > self._spans // 2 or took > SECONDS_A_STRETCH:
            change = min(4.0, max(0.25, SECONDS_A_STRETCH / took))
            self._spans = min(MOST_SPANS, max(LEAST_SPANS, int(self._spans * change)))
        # Where few spans lie, a stretch is soon as long as it takes to find some.
        wanted = self._length_ns * self._spans // max(1, stretch.spans)
        self._length_ns = max(1, min(4 * self._length_ns, wanted))


def _matches(
    answers: Answers, asked: Search, words: Words, said: pa.Table, found: set[str]
) -> Iterator[Match]:
    """The latest first; as many at a time as are still wanted, since each costs a look at its texts."""
    ids = [trace_id for trace_id in said["trace_id"].to_pylist() if trace_id not in found]
    while ids:
        most = max(1, asked.limit - len(found))
        few, ids = tuple(ids[:most]), ids[most:]
        chosen = ChosenRuns(
            trace_ids=few,
            strategies=asked.strategies,
            origin=asked.origin,
            mode=asked.mode,
            tag=asked.tag,
        )
        runs = {run["trace_id"]: run for run in _rows(queries.chosen_runs(answers, chosen))}
        if runs:
            inside = SaidIn(
                trace_ids=tuple(runs), since_ns=words.since_ns, until_ns=words.until_ns, text=words.text
            )
            for row in queries.said(answers, inside).to_pylist():
                yield Match(runs[row["trace_id"]], row)


def _rows(runs: pa.Table) -> list[dict[str, Any]]:
    """Moments in nanoseconds, which Python's own cannot hold."""
    place = runs.schema.get_field_index("started")
    return runs.set_column(place, "started", runs["started"].cast(pa.int64())).to_pylist()


def _counted(answers: Answers, since_ns: int, until_ns: int) -> dict[str, Any]:
    return queries.span_count(answers, Period(since_ns=since_ns, until_ns=until_ns)).to_pylist()[0]


def _share(searched: int, spans: int) -> float:
    # What arrives meanwhile was not counted in the beginning.
    return min(1.0, searched / max(1, spans))
