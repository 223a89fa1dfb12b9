"""`composite-llm traces --follow`: runs as they end."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa

from collector.client import CollectorClient
from collector.parameters import MOST_ROWS
from dashboard.answers import Summary, rows_of

RUNNING = "running"


def follow(
    client: CollectorClient, wanted: dict[str, Any], *, limit: int, tell: Callable[[list[Summary]], None]
) -> None:
    """The newest runs, then each run that matches once its root has come, until the collector ends. One that was
    listed while it ran is told again with what it came to.

    The stream is opened first, so that no run falls between the list and it.
    """
    told: dict[str, bool] = {}  # by trace id, whether it had ended by then
    with closing(client.follow()) as events:
        for event in events:
            if event.name == "ready":
                found = rows_of(Summary, client.ask("traces", **wanted, page_size=limit))[::-1]
            elif event.name == "spans":
                found = list(_ended(client, wanted, event.data["spans"]))
            else:
                continue
            if new := [run for run in found if not told.get(run.trace_id)]:
                tell(new)
                told.update((run.trace_id, run.status != RUNNING) for run in new)


def _ended(client: CollectorClient, wanted: dict[str, Any], spans: list[dict[str, Any]]) -> Iterator[Summary]:
    """The runs whose root is among the spans, as far as they pass the filters."""
    for trace_id in dict.fromkeys(span["trace_id"] for span in spans if not span["parent_span_id"]):
        [start_ns] = client.ask("trace_summary", trace_id=trace_id)["started"].cast(pa.int64()).to_pylist()
        if wanted["since_ns"] <= start_ns < wanted["until_ns"]:
            # The filters are the collector's business: it is asked for the runs of that one moment.
            moment = {"since_ns": start_ns, "until_ns": start_ns + 1}
            rows = client.ask("traces", **(wanted | moment), page_size=MOST_ROWS)
            yield from (run for run in rows_of(Summary, rows) if run.trace_id == trace_id)
