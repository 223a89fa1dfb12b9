"""Which collector a command asks, and what it says when there is none."""

import gzip
import json
import socket

import pytest

from collector.spool.folder import Spool
from tests.collector.running import CollectorProcess, free_port
from tests.otlp_traces import export_request, moa_trace


@pytest.fixture
def free_address():
    return f"http://127.0.0.1:{free_port()}"


def test_without_a_collector_one_is_started_for_the_data_folder_and_ends_with_the_command(
    program, free_address, tmp_path
):
    done = program("traces", COMPOSITE_LLM_COLLECTOR=free_address)

    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.decode().split())
    assert f"No collector runs at {free_address}: reading {tmp_path} meanwhile." in said
    assert "No run is stored yet." in said
    assert done.stdout == b""
    assert (tmp_path / "traces.duckdb").exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(free_address.rpartition(":")[2])))


def test_what_was_spooled_meanwhile_is_part_of_the_answer(program, free_address, tmp_path):
    """Forty runs in files of their own, each of which lands by itself."""
    spool = Spool(tmp_path)
    for number in range(1, 41):
        spool.put(gzip.compress(export_request(moa_trace(number)).SerializeToString()))

    done = program(
        "sql", "select count(*) as spans from spans", "--json", COMPOSITE_LLM_COLLECTOR=free_address
    )

    assert json.loads(done.stdout) == {"spans": 40 * len(moa_trace())}, done.stderr
    assert spool.waiting() == []


def test_a_collector_on_another_machine_is_not_started_from_here(program):
    done = program("sql", "select 1", COMPOSITE_LLM_COLLECTOR="http://collector.invalid:4318")

    assert done.returncode == 1
    assert b"No collector answers at http://collector.invalid:4318" in done.stderr
    assert b"Traceback" not in done.stderr


def test_the_token_of_the_settings_is_sent(program, forks, tmp_path_factory):
    secret = {"COMPOSITE_LLM_TOKEN": "correct-horse-battery-staple"}
    started = {"environment": secret, "composite_llm": forks.composite_llm}
    with CollectorProcess(tmp_path_factory.mktemp("data"), **started) as collector:
        address = {"COMPOSITE_LLM_COLLECTOR": collector.url}
        known = program("sql", "select 42 as x", "--json", **address, **secret)
        unknown = program("sql", "select 42 as x", **address)

    assert (known.returncode, known.stdout) == (0, b'{"x": 42}\n'), known.stderr
    assert unknown.returncode == 1
    assert b"token" in unknown.stderr
    assert b"horse" not in unknown.stderr
