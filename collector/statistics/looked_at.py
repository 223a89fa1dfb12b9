"""The newest runs of a window, opened span by span: as many as there is time for."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from collector.audit.critical_path import PlacedSpan, Segment, critical_path
from collector.mode_queries import NewestRuns
from collector.parameters import CallsOf
from collector.spans.trace_tree import Place, TimedSpan, depth_first
from collector.store.interface import Answers

UNWANTED = frozenset({"cancelled", "hedge_lost", "discarded"})
"""Outcomes of calls that nobody waited for any more."""


@dataclass(frozen=True, slots=True)
class OpenedRun:
    trace_id: str
    rows: Sequence[dict[str, Any]]
    """Of the question `run_spans`, in depth-first order."""
    places: Sequence[Place]
    """Of each of them."""

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The model calls that count."""
        return [row for row in self.rows if row["is_llm_call"]]

    @property
    def depth(self) -> int:
        """Levels of spans, 1 for a span alone."""
        return 1 + max(place.depth for place in self.places)

    @property
    def latency_ms(self) -> float:
        first = min(row["start_ns"] for row in self.rows)
        return (max(map(end_ns, self.rows)) - first) / 1e6

    def path(self) -> list[Segment]:
        return critical_path(
            [
                PlacedSpan(
                    row["span_id"],
                    place.depth,
                    row["start_ns"] / 1e6,
                    end_ns(row) / 1e6,
                    row["outcome"] not in UNWANTED,
                )
                for row, place in zip(self.rows, self.places, strict=True)
            ]
        )


@dataclass(frozen=True, slots=True)
class LookedAt:
    spans_of: CallsOf | None
    """What the runs were asked by; None where there are none."""
    matching: int
    """Runs in all, of which the newest are looked at."""
    runs: Sequence[OpenedRun]


def end_ns(row: dict[str, Any]) -> int:
    return row["start_ns"] + row["duration_ns"]


def look_at(store: Answers, asked: NewestRuns, *, among: str = "newest_runs") -> LookedAt:
    """`among`: the question that names the runs, with the columns of `newest_runs`."""
    chosen = store.ask(among, asdict(asked) | {"strategies": list(asked.strategies)}).to_pylist()
    if not chosen:
        return LookedAt(None, 0, [])
    spans_of = CallsOf(
        trace_ids=tuple(run["trace_id"] for run in chosen),
        first_ns=min(run["start_ns"] for run in chosen),
        last_ns=max(run["end_ns"] for run in chosen),
    )
    return LookedAt(spans_of, chosen[0]["matching"], list(_opened(store, spans_of)))


def bound(spans_of: CallsOf) -> dict[str, Any]:
    return asdict(spans_of) | {"trace_ids": list(spans_of.trace_ids)}


def _opened(store: Answers, spans_of: CallsOf) -> Iterator[OpenedRun]:
    rows = store.ask("run_spans", bound(spans_of)).to_pylist()
    rows.sort(key=itemgetter("trace_id"))
    for trace_id, group in groupby(rows, itemgetter("trace_id")):
        spans = list(group)
        places = depth_first(
            [
                TimedSpan(row["span_id"], row["parent_span_id"], row["start_ns"], row["duration_ns"])
                for row in spans
            ]
        )
        yield OpenedRun(trace_id, [spans[place.index] for place in places], places)
