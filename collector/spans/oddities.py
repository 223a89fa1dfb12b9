"""What is strange about stored spans, in plain words, and how often it happened."""

import threading
from collections import Counter

import pyarrow as pa

from collector import arrow_compute as pc
from collector.spans import rows

SEVERAL_TRACES = "one response in several traces"

MEANINGS = {
    rows.ENDS_BEFORE_START: "Its end lies before its start, so it is shown without a duration. Two clocks, or none.",
    rows.ENDS_TOO_LATE: "Its end cannot be told in 64 bits; it is shown as lasting until the year 2262.",
    rows.STARTS_LONG_AGO: "It says that it started before the year 2000, so no window of today shows it.",
    rows.STARTS_IN_FUTURE: "It says that it started after it arrived: the sender's clock is ahead.",
    rows.LARGE: "It is larger than 1 MB. It is kept whole, and slow to open.",
    "parent not there": "Its parent has not arrived: lost, dropped by a sampler, sent elsewhere, or still running.",
    "in a circle": "It is its own ancestor, so the tree is opened at the earliest span of the circle.",
    "starts before its parent": "Two clocks that differ by about as much as the figure, or a wrong parent.",
    "ends after its parent": "Work that went on without its parent, or two clocks that differ.",
    "parent came late": "Its parent arrived more than a minute after it. Until then it was shown as an orphan.",
    "no known price": "Nobody knows what these calls cost, so every sum over them is a lower bound.",
    "usage not accounted for": "An agent tells more than the calls below it, so what its calls add up to is a lower bound.",
    SEVERAL_TRACES: "Two libraries told of one call in traces of their own; it is counted in each, at the cost given.",
}
"""By the kinds that spans and the question `oddities` name."""


RESPONSE = ("response_id", "input_tokens", "output_tokens")
"""An id alone proves nothing: some servers draw theirs from a thousand."""
RESPONSES_REMEMBERED = 20_000
"""Of the latest calls: whoever tells of one in a second trace does so within minutes."""


class OddityTally:
    """How many spans with each oddity that shows at once were stored since the collector started."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._traces: dict[tuple[str, int | None, int | None], str] = {}
        """By response and its tokens, the trace that told of it first."""

    def landed(self, fresh: pa.Table) -> None:
        """To be told of every batch of new rows, one after the other."""
        found = fresh["oddities"].combine_chunks().flatten().to_pylist()
        found += [SEVERAL_TRACES] * self._told_elsewhere(fresh)
        if found:
            with self._lock:
                self._counts.update(found)

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)

    def _told_elsewhere(self, fresh: pa.Table) -> int:
        """Calls whose response a call of another trace has told already."""
        told = fresh.select([*RESPONSE, "trace_id", "is_llm_call"])
        calls = told.filter(pc.field("is_llm_call") & pc.field("response_id").is_valid())
        *response, trace_ids = (calls[name].to_pylist() for name in (*RESPONSE, "trace_id"))
        again = 0
        for same, trace_id in zip(zip(*response, strict=True), trace_ids, strict=True):
            again += self._traces.setdefault(same, trace_id) != trace_id
        while len(self._traces) > RESPONSES_REMEMBERED:
            del self._traces[next(iter(self._traces))]
        return again
