"""The collector keeps to its limits by itself, and prunes for whoever asks."""

import threading
import time

import httpx
import pytest

from collector.client import CollectorClient
from collector.errors import PruneRunning, StoreError
from collector.retention import pruner
from collector.retention.limits import Limits
from collector.retention.pruner import Pruner
from tests.collector.running import CollectorProcess, wait_until
from tests.otlp_traces import DAY, NOON, foreign_trace, moa_trace


def now_ns() -> int:
    return time.time_ns()


def test_a_collector_with_limits_takes_old_traces_away_by_itself(store, land, monkeypatch):
    monkeypatch.setattr(pruner, "SECONDS_BEFORE_FIRST", 0)
    land(moa_trace(1, start_ns=now_ns() - 40 * DAY))
    land(foreign_trace(2, start_ns=now_ns() - 20 * DAY))

    keeping = Pruner(store, Limits.of("30d", ""))
    wait_until(lambda: keeping.last is not None)
    keeping.close()

    assert keeping.last is not None
    assert (keeping.last.traces, keeping.last.spans) == (1, 7)
    state = keeping.state()
    assert (state["keep_seconds"], state["max_bytes"], state["error"]) == (30 * 86_400, None, "")
    assert (state["last"]["traces"], "days" in state["last"]) == (1, False)


def test_it_goes_on_hour_after_hour(store, land, monkeypatch):
    monkeypatch.setattr(pruner, "SECONDS_BEFORE_FIRST", 0)
    monkeypatch.setattr(pruner, "SECONDS_BETWEEN", 0.01)
    keeping = Pruner(store, Limits.of("30d", ""))
    wait_until(lambda: keeping.last is not None)
    land(moa_trace(1, start_ns=now_ns() - 40 * DAY))

    wait_until(lambda: keeping.last is not None and keeping.last.oldest_kept_ns is None and not spans(store))
    keeping.close()


def spans(store) -> int:
    return store.ask("store_counts", {})["spans"][0].as_py()


def test_a_store_that_fails_is_told_of_and_asked_again(monkeypatch):
    monkeypatch.setattr(pruner, "SECONDS_BEFORE_FIRST", 0)
    monkeypatch.setattr(pruner, "SECONDS_BETWEEN", 0.01)
    asked = threading.Semaphore(0)

    class Failing:
        def prune(self, *_: object, **__: object):
            asked.release()
            raise StoreError("the disk is away")

    keeping = Pruner(Failing(), Limits.of("30d", ""))
    for _ in range(3):
        assert asked.acquire(timeout=60)
    keeping.close()

    assert keeping.state() == {
        "keep_seconds": 30 * 86_400,
        "max_bytes": None,
        "last": None,
        "error": "the disk is away",
    }


def test_two_prunes_at_once_are_one_too_many_and_closing_ends_the_one_in_hand():
    inside = threading.Event()

    class Slow:
        def prune(self, *_: object, stop: threading.Event, **__: object):
            inside.set()
            assert stop.wait(60)
            raise StoreError("stopped")

    keeping = Pruner(Slow(), Limits())
    failures = []

    def first():
        try:
            keeping.prune(Limits(1), dry_run=False)
        except StoreError as error:
            failures.append(str(error))

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(60)
    with pytest.raises(PruneRunning):
        keeping.prune(Limits(1), dry_run=True)
    keeping.close()
    thread.join()
    assert failures == ["stopped"]


def test_a_request_takes_traces_away_and_health_tells_of_it(collector):
    collector.send(moa_trace(1, start_ns=now_ns() - 40 * DAY))
    collector.send(moa_trace(2, start_ns=now_ns() - DAY))
    with CollectorClient(collector.url) as client:
        said = client.prune(keep_days=30, dry_run=True)
        assert (said.traces, said.spans, len(said.days)) == (1, 7, 1)
        assert client.health().spans == 14
        assert client.health().retention["last"] is None

        done = client.prune(keep_days=30, dry_run=False)

        assert done.days == said.days
        health = client.health()
        assert health.spans == 7
        assert health.retention["last"]["spans"] == 7
        assert health.retention["keep_seconds"] is None


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"dry_run": True}, "say what to keep: keep_days or max_bytes"),
        ({"keep_days": 3}, "dry_run"),
        ({"keep_days": 0, "dry_run": True}, "keep_days"),
        ({"keep_days": -1, "dry_run": True}, "keep_days"),
        ({"max_bytes": 2**63, "dry_run": True}, "max_bytes"),
        ({"keep_days": "soon", "dry_run": True}, "keep_days"),
        ({"days": 3, "dry_run": True}, "days: there is no such parameter"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_and_takes_nothing(collector, body, said):
    collector.send(moa_trace(1, start_ns=NOON))

    answer = httpx.post(f"{collector.url}/prune", json=body)

    assert answer.status_code == 400
    assert said in answer.json()["message"]
    with CollectorClient(collector.url) as client:
        assert client.health().spans == 7


def test_limits_are_given_to_the_command_or_in_the_environment(tmp_path):
    options = ("--keep", "2w", "--max-size", "5GB")
    with CollectorProcess(tmp_path / "one", *options) as process, process.client() as client:
        retention = client.health().retention
    assert (retention["keep_seconds"], retention["max_bytes"]) == (14 * 86_400, 5 * 10**9)

    code, errors = CollectorProcess(tmp_path / "two", "--keep", "two weeks").close_input()
    assert code == 2
    assert errors == "'two weeks' is no age to keep traces for; write a number and h, d or w, such as 30d.\n"
    assert not (tmp_path / "two").exists()
