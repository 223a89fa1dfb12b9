"""From a question to its answer with 0.1, 1 and 10 million spans; makes the stores the first time, in a few minutes."""

from benchmarks.figures import Figure
from benchmarks.questions import figures_at

SIZES = (100_000, 1_000_000, 10_000_000)


def measure() -> list[Figure]:
    return figures_at(SIZES)
