"""How long a newcomer's first start spends on recording sample runs."""

import os
import subprocess
import sys
import tempfile
import time

from benchmarks.figures import Figure


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {
            "COMPOSITE_LLM_DATA": data,
            "COMPOSITE_LLM_COLLECTOR": "http://127.0.0.1:9",
        }
        started = time.perf_counter()
        command = [sys.executable, "-m", "cli.main", "demo", "--json"]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - started
    return [Figure("recording the sample runs, start to exit", f"{seconds:.1f} s", "< 20 s")]
