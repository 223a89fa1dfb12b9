"""Counts the calls of other libraries once their traces are settled."""

import logging
import threading

import pyarrow as pa

from collector import queries
from collector.errors import CollectorError
from collector.monitoring.figures import Figures
from collector.parameters import CallsOf
from collector.store.interface import Answers

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 10.0
TRACES_A_LOOK = 1000


class Settling:
    """A thread of its own, until `close`."""

    def __init__(self, answers: Answers, figures: Figures) -> None:
        self._answers = answers
        self._figures = figures
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="settling", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(SECONDS_BETWEEN_LOOKS):
            settle(self._answers, self._figures)


def settle(answers: Answers, figures: Figures) -> None:
    taken = figures.held.take_settled()
    # In the order of time, so that each look is at little of it.
    ordered = sorted(taken, key=lambda trace_id: taken[trace_id].first_ns)
    for first in range(0, len(ordered), TRACES_A_LOOK):
        traces = {trace_id: taken[trace_id] for trace_id in ordered[first : first + TRACES_A_LOOK]}
        asked = CallsOf(
            trace_ids=tuple(traces),
            first_ns=min(held.first_ns for held in traces.values()),
            last_ns=max(held.last_ns for held in traces.values()),
        )
        try:
            calls = queries.counted_calls(answers, asked)
        # The store may be away for a moment.
        except CollectorError as error:
            log.warning("calls of %d traces are counted later: %s", len(traces), error)
            figures.held.put_back(traces)
            continue
        ids = zip(calls["trace_id"].to_pylist(), calls["span_id"].to_pylist(), strict=True)
        # Of spans that landed before this collector started, or in another one, nothing is counted here.
        figures.count(
            calls.filter(
                pa.array([span_id in traces[trace_id].span_ids for trace_id, span_id in ids], pa.bool_())
            )
        )
