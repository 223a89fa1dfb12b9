"""Runs of the list as a file: their rows, or the spans below them, put together behind the page while it says how far
it has come.
"""

import csv
import io
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from collector.client import CollectorClient
from collector.errors import CollectorError
from dashboard.state import Filters, Search

MOST_ROWS = 10_000
MOST_TRACES = 500
MOST_BYTES = 100_000_000
"""Of spans: a file that a browser takes, and this process holds."""
ROWS_AT_ONCE = 1_000
COLUMNS = (
    "trace_id",
    "started",
    "status",
    "strategy",
    "model_name",
    "root_name",
    "question",
    "latency_ms",
    "cost_usd",
    "unpriced_calls",
    "calls",
    "spans",
    "errors",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "models",
    "simulated",
    "service_name",
    "session_id",
    "user_id",
    "tags",
)
"""Of the question `traces`; a cost that is empty is not known, and with unpriced calls it is a lower bound."""
FORMATS: Mapping[str, tuple[str, str]] = {
    "CSV": ("csv", "text/csv"),
    "Parquet": ("parquet", "application/vnd.apache.parquet"),
    "OTLP": ("json", "application/json"),
}
"""What a file's name ends with, and its type."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def most(kind: str) -> int:
    """How many runs a file of this format holds."""
    return MOST_TRACES if kind == "OTLP" else MOST_ROWS


class RunExport:
    """A thread, since a page cannot be interrupted by a button of the part it draws."""

    def __init__(
        self, client: CollectorClient, kind: str, filters: Filters, asked: Search, only: Sequence[str] = ()
    ) -> None:
        """The runs that pass, in the order asked for; or, of these, those of `only`."""
        self.kind = kind
        self.only = tuple(only)
        self.asked = asked
        self.filters = filters
        self.done = 0
        self.wanted = 0
        """Runs; 0 before that is known."""
        self.state = "running"
        """Then complete, cut (by the limit of bytes), stopped or failed."""
        self.problem: CollectorError | None = None
        self.content = b""
        self._client = client
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="run-export", daemon=True).start()

    @property
    def share(self) -> float:
        return self.done / self.wanted if self.wanted else 0.0

    @property
    def file_name(self) -> str:
        return f"runs.{'otlp.' if self.kind == 'OTLP' else ''}{FORMATS[self.kind][0]}"

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        try:
            content = self._spans() if self.kind == "OTLP" else _file(self.kind, self._rows())
            self.content = content
            self.state = (
                "stopped" if self._stopped.is_set() else "cut" if self.done < self.wanted else "complete"
            )
        except CollectorError as problem:
            self.problem, self.state = problem, "failed"

    def _rows(self) -> pa.Table:
        tables = list(self._pages(MOST_ROWS))
        return pa.concat_tables(tables) if tables else pa.table({name: [] for name in COLUMNS})

    def _pages(self, most_rows: int) -> Iterator[pa.Table]:
        if self.only:
            asked = {**self.filters.parameters(), "trace_ids": list(self.only)}
            del asked["since_ns"], asked["until_ns"]
            found = self._client.ask("chosen_runs", **asked)
            self.done = self.wanted = found.num_rows
            yield found.select(COLUMNS)
            return
        asked = {**self.filters.parameters(), **self.asked.parameters()}
        for offset in range(0, most_rows, ROWS_AT_ONCE):
            size = min(ROWS_AT_ONCE, most_rows - offset)
            page = self._client.ask("traces", **asked, page_size=size, page_offset=offset)
            if page.num_rows and self.kind != "OTLP":
                self.wanted = min(most_rows, page["matching"][0].as_py())
                self.done = offset + page.num_rows
            yield page.select(COLUMNS)
            if page.num_rows < size or self._stopped.is_set():
                return

    def _spans(self) -> bytes:
        ids = [trace_id for page in self._pages(MOST_TRACES) for trace_id in page["trace_id"].to_pylist()]
        self.wanted, self.done = len(ids), 0
        resources: list[bytes] = []
        size = 0
        for trace_id in ids:
            if self._stopped.is_set():
                break
            told = self._client.get(f"/traces/{trace_id}/otlp").get("resourceSpans", [])
            resources += [
                json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode() for each in told
            ]
            size += sum(map(len, resources[len(resources) - len(told) :]))
            self.done += 1
            if size > MOST_BYTES:
                break
        return b'{"resourceSpans":[' + b",".join(resources) + b"]}"


def _file(kind: str, rows: pa.Table) -> bytes:
    # A run that moved while pages were read comes once.
    ids = rows["trace_id"].to_pylist()
    first = {trace_id: place for place, trace_id in reversed(list(enumerate(ids)))}
    rows = rows.take(pa.array(sorted(first.values()), pa.int64()))
    return _csv(rows) if kind == "CSV" else _parquet(rows)


def _parquet(rows: pa.Table) -> bytes:
    from pyarrow import parquet

    sink = pa.BufferOutputStream()
    parquet.write_table(rows, sink)
    return sink.getvalue().to_pybytes()


def _csv(rows: pa.Table) -> bytes:
    """Moments are UTC, lists are written with semicolons. Spreadsheets run what begins like a formula, and questions
    are anybody's, so such a text gets an apostrophe before it; Parquet has it as it is."""
    place = rows.schema.get_field_index("started")
    rows = rows.set_column(place, "started", rows["started"].cast(pa.timestamp("us"), safe=False))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(rows.column_names)
    for row in rows.to_pylist():
        writer.writerow([_cell(value) for value in row.values()])
    # Spreadsheets take a file for UTF-8 only where it says so.
    return text.getvalue().encode("utf-8-sig")


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return value.isoformat(timespec="microseconds") + "Z" if hasattr(value, "isoformat") else value
