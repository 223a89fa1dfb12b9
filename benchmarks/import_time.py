"""How long `import composite_llm` keeps a program waiting."""

import os
import subprocess
import sys
import time
from statistics import median

from benchmarks.figures import Figure

RUNS = 7


def measure() -> list[Figure]:
    light, heavy = _seconds("import composite_llm"), _seconds("import litellm")
    return [
        Figure(
            "`import composite_llm`", f"{light:.3f} s ({light / heavy:.1%} of `import litellm`)", "< 0.3 s"
        ),
    ]


def _seconds(statement: str) -> float:
    """Median seconds of the statement in a fresh interpreter, the interpreter's own start taken off."""
    return median(_run(statement) for _ in range(RUNS)) - median(_run("pass") for _ in range(RUNS))


def _run(statement: str) -> float:
    started = time.perf_counter()
    local_prices = os.environ | {"LITELLM_LOCAL_MODEL_COST_MAP": "True"}
    subprocess.run([sys.executable, "-c", statement], check=True, env=local_prices)
    return time.perf_counter() - started
