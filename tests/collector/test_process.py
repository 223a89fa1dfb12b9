"""The collector as a process: started, stopped, killed."""

import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pyarrow as pa
import pytest

from collector import launch
from collector.client import CollectorClient
from collector.errors import CollectorError, CollectorUnavailable, NotACollector
from composite_llm.settings import load
from tests.collector.running import EVERYTHING, PROTOBUF, CollectorProcess, child, free_port, wait_until
from tests.collector.saying import saying
from tests.otlp_traces import NOON, SECOND, all_traces, export_request, moa_trace, span, span_hex, trace_hex


def send(url: str, spans) -> bool:
    """Whether the spans were acknowledged."""
    try:
        body = export_request(spans).SerializeToString()
        return httpx.post(f"{url}/v1/traces", content=body, headers=PROTOBUF).status_code == 200
    except httpx.HTTPError:
        return False


def test_it_says_where_it_listens_and_where_it_keeps_the_spans(tmp_path):
    with CollectorProcess(tmp_path / "data") as process:
        store = (tmp_path / "data" / "traces.duckdb").resolve()
        assert process.first_line == f"Collecting at {process.url} (gRPC: off) into {store}\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_with_everything_in_the_file(tmp_path, number):
    process = CollectorProcess(tmp_path)
    assert send(process.url, all_traces())

    assert process.stop(number) == (0, "")
    # No log is left over: the file was closed in order.
    assert not (tmp_path / "traces.duckdb.wal").exists()
    with CollectorProcess(tmp_path) as again, again.client() as client:
        assert client.health().spans == 21


def test_a_span_that_starts_between_two_microseconds_is_shown(tmp_path):
    with CollectorProcess(tmp_path) as process, process.client() as client:
        assert send(process.url, [span("a", start_ns=NOON + 1)])

        detail = client.ask("span_detail", trace_id=trace_hex(1), span_id=span_hex(1))

        assert detail["started"].cast(pa.int64()).to_pylist() == [NOON + 1]


def test_it_ends_with_its_parent_if_asked_to(tmp_path):
    assert CollectorProcess(tmp_path, "--exit-with-parent").close_input() == (0, "")


def test_a_port_in_use_is_one_sentence_and_exit_code_2(tmp_path):
    with CollectorProcess(tmp_path / "one") as first:
        second = CollectorProcess(tmp_path / "two", port=first.port)
        code, errors = second.close_input()

    assert code == 2
    assert errors == (
        f"port {first.port} is already in use. If a collector runs there, use it as it is; "
        "otherwise stop what holds the port, or choose another with --port.\n"
    )
    assert not (tmp_path / "two").exists()


def test_a_store_in_use_is_one_sentence_that_names_the_process(tmp_path):
    with CollectorProcess(tmp_path) as first:
        code, errors = CollectorProcess(tmp_path).close_input()

    assert code == 2
    assert f"is open in process {first.pid}." in errors
    assert errors.count("\n") == 1


def test_a_damaged_store_is_one_sentence_too(tmp_path):
    (tmp_path / "traces.duckdb").write_bytes(b"damaged")

    code, errors = CollectorProcess(tmp_path).close_input()

    assert code == 2
    assert "cannot be opened as a trace store" in errors
    assert "Traceback" not in errors


def test_a_folder_that_cannot_be_made_is_one_sentence_too(tmp_path):
    (tmp_path / "data").write_text("a file")

    code, errors = CollectorProcess(tmp_path / "data").close_input()

    assert code == 2
    assert "cannot be opened as a trace store: File exists." in errors
    assert errors.count("\n") == 1


def test_every_acknowledged_span_outlives_the_kill_of_the_collector_exactly_once(tmp_path):
    chance = random.Random(7)
    acknowledged: set[int] = set()
    numbers = iter(range(1, 100_000))
    lock = threading.Lock()

    def keep_sending(url: str) -> None:
        """Send runs until the collector is gone."""
        while True:
            with lock:
                number = next(numbers)
            if not send(url, moa_trace(number, start_ns=NOON + number * SECOND)):
                return
            acknowledged.add(number)

    for _ in range(3):
        process = CollectorProcess(tmp_path)
        goal = len(acknowledged) + chance.randint(5, 40)
        with ThreadPoolExecutor(4) as senders:
            for _ in range(4):
                senders.submit(keep_sending, process.url)
            wait_until(lambda goal=goal: len(acknowledged) >= goal)
            process.kill()

    with CollectorProcess(tmp_path) as process, process.client() as client:
        health = client.health()
        stored = client.ask("traces", **EVERYTHING, page_size=1000).to_pylist()
        totals = client.ask("totals", **EVERYTHING).to_pylist()[0]
        # What was sent again, as a client would do that saw no answer, is there once all the same.
        for number in sorted(acknowledged)[:10]:
            assert send(process.url, moa_trace(number, start_ns=NOON + number * SECOND))
        assert client.health().spans == health.spans

    kept = {row["trace_id"] for row in stored}
    assert {trace_hex(number) for number in acknowledged} <= kept
    assert {row["spans"] for row in stored} == {7}
    assert health.spans == 7 * len(stored)
    assert totals["calls"] == 4 * len(stored)
    assert totals["spend_usd"] == pytest.approx(0.10 * len(stored), abs=1e-9)


def test_one_process_records_while_another_asks(tmp_path):
    recorder = """
import sys
import threading
from collector.sending.exporter import ProgramTracerProvider
provider = ProgramTracerProvider()
tracer = provider.get_tracer("test")
for number in range(1000):
    tracer.start_span("a").end()
provider.shutdown()
"""
    with CollectorProcess(tmp_path) as process, process.client() as client:
        environment = {
            **os.environ,
            "COMPOSITE_LLM_DATA": str(tmp_path),
            "COMPOSITE_LLM_COLLECTOR": process.url,
        }
        seen = [0]
        with child([sys.executable, "-c", recorder], env=environment, stderr=subprocess.PIPE) as recording:
            while recording.poll() is None:
                seen.append(client.ask("store_counts").to_pylist()[0]["spans"])
            _, complaints = recording.communicate()

        assert client.health().spans == 1000
    assert complaints == b""
    assert seen == sorted(seen)


@pytest.fixture
def settings(tmp_path):
    yield replace(load(), data=tmp_path / "data", collector=f"http://127.0.0.1:{free_port()}")
    launch.stop_children()


def test_a_collector_is_started_where_none_answers_and_used_where_one_does(settings):
    started = launch.ensure_collector(settings)
    found = launch.ensure_collector(settings)

    assert started.pid == found.pid
    assert started.store == str((settings.data / "traces.duckdb").resolve())


def test_a_collector_that_went_away_is_started_again(settings):
    first = launch.ensure_collector(settings)
    os.kill(first.pid, signal.SIGKILL)
    with CollectorClient(settings.collector) as client:
        wait_until(lambda: _is_away(client))

    assert launch.ensure_collector(settings).pid != first.pid


def _is_away(client: CollectorClient) -> bool:
    try:
        client.health()
    except CollectorUnavailable:
        return True
    return False


def test_its_collector_ends_with_the_program_that_started_it(settings):
    program = (
        "import os; from collector.launch import ensure_collector; from composite_llm import settings;"
        "print(ensure_collector(settings.load()).pid, flush=True); os.kill(os.getpid(), 9)"
    )
    environment = {
        **os.environ,
        "COMPOSITE_LLM_DATA": str(settings.data),
        "COMPOSITE_LLM_COLLECTOR": settings.collector,
    }
    assert subprocess.run(
        [sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, check=False
    ).stdout

    with CollectorClient(settings.collector) as client:
        wait_until(lambda: _is_away(client))


def test_two_programs_that_start_at_once_find_the_same_collector(settings):
    program = (
        "import sys; from collector.launch import ensure_collector; from composite_llm import settings;"
        "print(ensure_collector(settings.load()).pid, flush=True); sys.stdin.read()"
    )
    environment = {
        **os.environ,
        "COMPOSITE_LLM_DATA": str(settings.data),
        "COMPOSITE_LLM_COLLECTOR": settings.collector,
    }
    command = [sys.executable, "-c", program]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": environment}
    with child(command, **pipes) as first, child(command, **pipes) as second:
        programs = (first, second)
        pids = [each.stdout.readline() for each in programs]
        for each in programs:
            each.communicate(timeout=60)

    assert pids[0] == pids[1]
    assert int(pids[0])


def test_somebody_else_at_the_port_is_said_in_a_sentence(settings):
    with saying(b"SSH-2.0-hello\r\n") as url, pytest.raises(NotACollector, match="COMPOSITE_LLM_COLLECTOR"):
        launch.ensure_collector(replace(settings, collector=url))


def test_a_store_that_cannot_be_opened_is_said_in_the_collectors_words(settings):
    settings.data.mkdir()
    (settings.data / "traces.duckdb").write_bytes(b"damaged")

    with pytest.raises(CollectorError, match="the collector did not start.*It was left as it is"):
        launch.ensure_collector(settings)


def test_what_duckdbs_binding_says_at_the_end_does_not_hide_why_it_did_not_start(
    settings, tmp_path, monkeypatch
):
    script = tmp_path / "python"
    leaked = ' - leaked type "duckdb.DuckDBPyConnection"\n' * 50
    script.write_text(
        "#!/bin/sh\necho 'the disk is full' >&2\ncat >&2 <<'END'\nnanobind: leaked 50 types!\n"
        f"{leaked} - ... skipped remainder\nEND\nexit 1\n"
    )
    script.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(script))

    with pytest.raises(CollectorError, match=r"the collector did not start\. the disk is full$"):
        launch.ensure_collector(settings)


def test_nothing_is_started_for_an_address_on_another_machine(tmp_path):
    elsewhere = replace(load(), data=tmp_path / "data", collector="http://192.0.2.1:4318")

    with pytest.raises(CollectorUnavailable):
        launch.ensure_collector(elsewhere)
    assert not (tmp_path / "data").exists()
