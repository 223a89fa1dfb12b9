"""What was not taken in, and why, in kinds: reasons hold names and ids from outside, which have no end."""

import threading
from collections import Counter
from collections.abc import Iterable

KINDS = {
    "is not 16 bytes, not all zero": "its trace id is not 16 bytes, or all zero",
    "is not 8 bytes, not all zero": "its span id is not 8 bytes, or all zero",
    "is not 8 bytes": "its parent's id is not 8 bytes",
    "lies beyond the year 2262": "it starts beyond the year 2262",
}
"""By how `collector.spans.otlp` ends its reasons."""
NO_SPAN = "it is no span that OTLP describes"


class Refusals:
    """Counts since the collector started. Told from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spans: Counter[str] = Counter()
        self._requests: Counter[str] = Counter()

    def spans(self, reasons: Iterable[str]) -> None:
        """One reason for each span of a request that was left out."""
        kinds = Counter(map(_kind, reasons))
        if kinds:
            with self._lock:
                self._spans.update(kinds)

    def request(self, error: Exception) -> None:
        """A whole request was refused, and how many spans it held nobody knows."""
        with self._lock:
            self._requests[type(error).__name__] += 1

    def spans_by_reason(self) -> dict[str, int]:
        with self._lock:
            return dict(self._spans.most_common())

    def requests_by_error(self) -> dict[str, int]:
        """By the names of `collector.errors`."""
        with self._lock:
            return dict(self._requests.most_common())


def _kind(reason: str) -> str:
    return next((kind for end, kind in KINDS.items() if reason.endswith(end)), NO_SPAN)
