"""Looks for words in all that runs said, the newest first, a stretch of time after the other.

Reading every prompt of a large store takes a minute, so it is not one question: whoever asks sees what was found
and how far the search has come after each stretch, and stops by asking no further.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from collector.client import CollectorClient

FIRST_STRETCH_NS = 3600 * 10**9
SECONDS_A_STRETCH = 0.15
"""Stretches grow and shrink so that each answer takes about this long."""
MOST_A_STRETCH = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    found: pa.Table
    """What this stretch added: trace_id and start_ns of the latest span that says the words."""
    searched_since_ns: int
    """All later spans have been looked at."""
    share: float
    """Of the time to be searched, 1.0 in the end."""


def search(client: CollectorClient, text: str, *, since_ns: int, until_ns: int) -> Iterator[Progress]:
    """One `Progress` a stretch. A trace whose spans lie in several of them comes once, with the latest."""
    counts = client.ask("store_counts").to_pylist()[0]
    since_ns = max(since_ns, counts["oldest_span_ns"] or until_ns)
    end_ns = min(until_ns, (counts["newest_span_ns"] or since_ns) + 1)
    whole_ns = end_ns - since_ns
    stretch_ns = FIRST_STRETCH_NS
    seen: set[str] = set()
    while end_ns > since_ns:
        start_ns = max(since_ns, end_ns - stretch_ns)
        began = time.monotonic()
        found = client.ask(
            "content_matches", since_ns=start_ns, until_ns=end_ns, text=text, most=MOST_A_STRETCH
        )
        took = time.monotonic() - began
        if found.num_rows == MOST_A_STRETCH:
            # Earlier ones are cut off: the next stretch ends with the moment this answer came to.
            start_ns = min(end_ns - 1, found["start_ns"][-1].as_py() + 1)
        fresh = [trace_id not in seen for trace_id in found["trace_id"].to_pylist()]
        found = found.filter(pa.array(fresh, pa.bool_()))
        seen.update(found["trace_id"].to_pylist())
        end_ns = start_ns
        yield Progress(found, end_ns, 1 - (end_ns - since_ns) / whole_ns)
        stretch_ns = int(stretch_ns * min(4.0, max(0.25, SECONDS_A_STRETCH / max(took, 1e-3))))
