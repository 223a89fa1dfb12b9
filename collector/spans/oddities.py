"""What is strange about stored spans, in plain words, and how often it happened."""

import threading
from collections import Counter

import pyarrow as pa

from collector.spans import rows

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
    "one response in several traces": "Two libraries told of one call in traces of their own; it is counted in each.",
}
"""By the kinds that spans and the question `oddities` name."""


class OddityTally:
    """How many spans with each oddity of their own were stored since the collector started."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def landed(self, fresh: pa.Table) -> None:
        """To be told of every batch of new rows."""
        found = fresh["oddities"].combine_chunks().flatten().to_pylist()
        if found:
            with self._lock:
                self._counts.update(found)

    def counts(self) -> dict[str, int]:
        with self._lock:
            return dict(self._counts)
