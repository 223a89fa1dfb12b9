"""What the collector tells of its own work: counted from what was really sent to it."""

import gzip

import httpx

from tests.collector.running import PROTOBUF
from tests.otlp_traces import export_request, moa_trace, span


def status(collector):
    answer = httpx.get(f"{collector.url}/status")
    assert answer.status_code == 200
    return answer.json()


def test_an_idle_collector_knows_no_lag(collector):
    told = status(collector)

    assert told["lag"] == {"spans": 0, "p50_seconds": None, "p95_seconds": None, "newest_seconds": None}
    assert told["seconds_since_commit"] is None
    assert set(told["course"]["received"]) <= {0}
    assert {"composite-llm", "duckdb", "python"} <= told["versions"].keys()


def test_spans_are_counted_as_they_come_and_come_again(collector):
    spans = moa_trace()
    collector.send(spans)
    collector.send(spans)

    told = status(collector)

    assert sum(told["course"]["received"]) == 14
    assert sum(told["course"]["stored"]) == 7
    assert sum(told["course"]["duplicate"]) == 7
    assert told["lag"]["spans"] == 7
    assert told["queued_spans"] == 0


def test_what_is_rejected_is_told_by_its_reason(collector):
    nameless = span("is not 8 bytes", trace=9, number=1)
    nameless.trace_id = b"\0" * 16
    short, orphan = span("short", trace=9, number=2), span("orphan", trace=9, number=3)
    short.span_id = b"abc"
    orphan.parent_span_id = b"abc"
    collector.send([nameless, nameless, short, orphan, span("good", trace=9, number=4)])

    told = status(collector)

    assert told["rejected_spans"] == {
        "its trace id is not 16 bytes, or all zero": 2,
        "its span id is not 8 bytes, or all zero": 1,
        "its parent's id is not 8 bytes": 1,
    }
    assert sum(told["course"]["rejected"]) == 4
    assert sum(told["course"]["stored"]) == 1


def test_requests_that_hold_no_spans_are_told_by_their_error(collector):
    collector.post(b"\xff\xff\xff\xff")
    collector.post(b"{", {"content-type": "application/json"})
    collector.post(b"no gzip", {**PROTOBUF, "content-encoding": "gzip"})

    assert status(collector)["refused_requests"] == {"NotOtlp": 3}


def test_the_spool_is_told_in_files_and_bytes(collector):
    folder = collector.data / "spool"
    (folder / "rejected").mkdir(parents=True)
    kept = gzip.compress(export_request(moa_trace()).SerializeToString())
    (folder / "rejected" / "1-a.otlp.gz").write_bytes(kept)
    # Of a writer that may still be at it: younger than a minute.
    (folder / "2-b.tmp").write_bytes(b"half")

    spool = status(collector)["spool"]

    assert (spool["aside_files"], spool["aside_bytes"]) == (1, len(kept))
    assert spool["unfinished_files"] == 1
    assert (spool["waiting_files"], spool["oldest_seconds"]) == (0, None)
