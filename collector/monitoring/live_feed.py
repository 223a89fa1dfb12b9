"""The spans that were committed lately, for whoever follows along.

The feed keeps a bounded number of them and gives each slice a number. Followers read at their own pace by
these numbers, so that nothing is ever buffered for a slow one: who falls behind further than the feed
reaches back is told so.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from collector import arrow_compute as pc

SPANS_KEPT = 20_000
SPANS_A_SLICE = 500
LONGEST_TEXT = 300
"""Of names, which are hostile like everything in a span."""

COLUMNS = (
    "trace_id",
    "span_id",
    "parent_span_id",
    "name",
    "span_type",
    "strategy",
    "role",
    "model",
    "start_ns",
    "duration_ns",
    "status_code",
    "cost_usd",
    "billing",
    "is_llm_call",
    "simulated",
)
TEXTS = ("name", "span_type", "strategy", "role", "model")


@dataclass(frozen=True, slots=True)
class Slice:
    """Spans of one commit."""

    number: int
    spans: pa.Table


class LiveFeed:
    """`publish` from the thread that writes, everything else on the event loop."""

    def __init__(self) -> None:
        self.epoch = f"{time.time_ns():x}"
        """Numbers begin anew with each feed, and this tells whose they are."""
        self._slices: deque[Slice] = deque()
        self._spans = 0
        self._last = 0
        self._lock = threading.Lock()
        self._followers: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._closed = False

    @property
    def last(self) -> int:
        """The number of the newest slice."""
        return self._last

    @property
    def is_closed(self) -> bool:
        return self._closed

    @property
    def followers(self) -> int:
        return len(self._followers)

    def publish(self, landed: pa.Table) -> None:
        if not landed.num_rows:
            return
        # Copied: they may stand in one piece of memory with the prompts, all of which would stay for them.
        spans = _shortened(landed.select(COLUMNS).take(pa.array(range(landed.num_rows))))
        with self._lock:
            for start in range(0, spans.num_rows, SPANS_A_SLICE):
                self._last += 1
                self._slices.append(Slice(self._last, spans.slice(start, SPANS_A_SLICE)))
            self._spans += spans.num_rows
            while self._spans > SPANS_KEPT and len(self._slices) > 1:
                self._spans -= self._slices.popleft().spans.num_rows
        self._wake()

    def close(self) -> None:
        """Ends every follower."""
        self._closed = True
        self._wake()

    def after(self, number: int) -> list[Slice] | None:
        """The slices that came after that number; None where some of them are gone, or it never was."""
        with self._lock:
            oldest = self._slices[0].number if self._slices else self._last + 1
            if not oldest - 1 <= number <= self._last:
                return None
            return list(islice(self._slices, number - oldest + 1, None))

    @asynccontextmanager
    async def news(self) -> AsyncGenerator[asyncio.Event]:
        """An event that is set whenever something was published, or the feed closed."""
        event = asyncio.Event()
        with self._lock:
            self._followers[event] = asyncio.get_running_loop()
        try:
            yield event
        finally:
            with self._lock:
                del self._followers[event]

    def _wake(self) -> None:
        with self._lock:
            followers = list(self._followers.items())
        for event, loop in followers:
            # A loop that has ended meanwhile has nobody left to wake.
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)


def _shortened(spans: pa.Table) -> pa.Table:
    for name in TEXTS:
        short = pc.call_function("utf8_slice_codeunits", [spans[name]], pc.SliceOptions(0, LONGEST_TEXT))
        spans = spans.set_column(spans.schema.get_field_index(name), name, short)
    return spans
