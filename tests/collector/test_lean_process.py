"""What the collector's process does without."""

from pathlib import Path

import pytest

from tests.collector.running import EVERYTHING, CollectorProcess
from tests.collector.test_process import send
from tests.otlp_traces import all_traces


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="reads what is loaded from /proc")
def test_it_lands_spans_and_answers_without_numpy_and_pandas(tmp_path):
    with CollectorProcess(tmp_path) as process, process.client() as client:
        assert send(process.url, all_traces())
        [totals] = client.ask("totals", **EVERYTHING).to_pylist()
        loaded = Path(f"/proc/{process.pid}/maps").read_text()

    assert totals["calls"] == 12
    assert "duckdb" in loaded
    assert "/numpy/" not in loaded
    assert "/pandas/" not in loaded
