"""The dashboard's collector ends with it, and what it acknowledged is in the file."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from collector.client import CollectorClient
from collector.errors import CollectorUnavailable
from tests.collector.running import PROTOBUF, CollectorProcess, child, free_port, wait_until
from tests.otlp_traces import all_traces, export_request

ROOT = Path(__file__).parents[2]


def answers(url):
    try:
        return httpx.get(url).is_success
    except httpx.HTTPError:
        return False


def healthy(url):
    with CollectorClient(url) as client:
        try:
            return client.health()
        except CollectorUnavailable:
            return None


def test_killing_the_dashboard_loses_no_acknowledged_span(tmp_path):
    page, collector = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    environment = {
        "COMPOSITE_LLM_COLLECTOR": collector,
        "COMPOSITE_LLM_DATA": str(tmp_path),
        "COMPOSITE_LLM_SAMPLES": "0",
    }
    with child(
        [*command, "--server.port", page.rpartition(":")[2]],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as dashboard:
        wait_until(lambda: answers(f"{page}/_stcore/health"))
        wait_until(lambda: healthy(collector) is not None)
        spans = all_traces()
        body = export_request(spans).SerializeToString()
        httpx.post(f"{collector}/v1/traces", content=body, headers=PROTOBUF).raise_for_status()
        os.kill(dashboard.pid, signal.SIGKILL)
    wait_until(lambda: healthy(collector) is None)

    with CollectorProcess(tmp_path) as again, again.client() as client:
        assert client.health().spans == len(spans)
