"""Calls of other libraries that landed and are not counted yet, because a later span may take them back.

Agents and second libraries tell the same usage again, and which span counts is decided anew with each that
arrives. A counter cannot fall, so it waits until a trace is settled, and then counts what the store has decided.
"""

import threading
import time
from dataclasses import dataclass, field

import pyarrow as pa

from collector import arrow_compute as pc
from collector.dialects.table import COMPOSITE

QUIET_SECONDS = 60.0
"""After the last usage of a trace whose root has come."""
LONGEST_QUIET_SECONDS = 3600.0
"""Where no root has come: it may never do."""
MOST_SPANS = 200_000
"""Beyond, the traces that have been quiet longest do not wait any longer."""
USAGE = ("input_tokens", "output_tokens", "cost_usd")


@dataclass(slots=True)
class HeldTrace:
    span_ids: set[str] = field(default_factory=set[str])
    first_ns: int = 2**63 - 1
    last_ns: int = 0
    has_root: bool = False
    landed_at: float = 0.0
    """On the monotonic clock; of its last usage."""


class HeldCalls:
    """`hold` from the thread that writes, `take_settled` from the one that settles."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._traces: dict[str, HeldTrace] = {}
        self._spans = 0

    @property
    def spans(self) -> int:
        return self._spans

    def hold(self, rows: pa.Table) -> pa.Table:
        """Keeps in mind what of the rows is usage of others; the rows that are not."""
        ours = pc.call_function("equal", [rows["dialect"], pa.scalar(COMPOSITE)]).fill_null(True)
        foreign = rows.filter(pc.call_function("invert", [ours]))
        with self._lock:
            if foreign.num_rows:
                self._hold(foreign)
            if self._traces:
                self._note_roots(rows)
        return rows.filter(ours) if foreign.num_rows else rows

    def take_settled(self) -> dict[str, HeldTrace]:
        """The traces that nothing is expected of any more; they are held no longer."""
        now = time.monotonic()
        with self._lock:
            excess = self._spans - MOST_SPANS
            taken: dict[str, HeldTrace] = {}
            # The longest quiet come first: a trace moves to the end with each new usage.
            for trace_id, held in self._traces.items():
                quiet = QUIET_SECONDS if held.has_root else LONGEST_QUIET_SECONDS
                if excess > 0 or now - held.landed_at >= quiet:
                    taken[trace_id] = held
                    excess -= len(held.span_ids)
            for trace_id, held in taken.items():
                del self._traces[trace_id]
                self._spans -= len(held.span_ids)
        return taken

    def put_back(self, traces: dict[str, HeldTrace]) -> None:
        """What could not be looked up waits for the next time, together with what came meanwhile."""
        with self._lock:
            for trace_id, held in traces.items():
                newer = self._traces.pop(trace_id, None)
                if newer is not None:
                    self._spans -= len(newer.span_ids)
                    held.span_ids |= newer.span_ids
                    held.first_ns = min(held.first_ns, newer.first_ns)
                    held.last_ns = max(held.last_ns, newer.last_ns)
                    held.has_root |= newer.has_root
                    held.landed_at = newer.landed_at
                self._spans += len(held.span_ids)
            self._traces = traces | self._traces

    def _hold(self, foreign: pa.Table) -> None:
        now = time.monotonic()
        columns = [foreign[name].to_pylist() for name in ("trace_id", "span_id", "start_ns", "is_llm_call")]
        usage = zip(*(foreign[name].to_pylist() for name in USAGE), strict=True)
        for trace_id, span_id, start_ns, is_call, used in zip(*columns, usage, strict=True):
            if not is_call and all(part is None for part in used):
                continue
            held = self._traces.pop(trace_id, None) or HeldTrace()
            self._traces[trace_id] = held
            held.span_ids.add(span_id)
            held.first_ns, held.last_ns = min(held.first_ns, start_ns), max(held.last_ns, start_ns)
            held.landed_at = now
            self._spans += 1

    def _note_roots(self, rows: pa.Table) -> None:
        for trace_id in rows.filter(rows["parent_span_id"].is_null())["trace_id"].to_pylist():
            if (held := self._traces.get(trace_id)) is not None:
                held.has_root = True
