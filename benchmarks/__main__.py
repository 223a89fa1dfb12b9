"""Runs the benchmarks named on the command line, or all, and prints their figures as a table."""

import importlib
import sys

from benchmarks.figures import table

ALL = (
    "import_time",
    "fan_out",
    "span_emission",
    "sample_runs",
    "long_context",
    "ingest",
    "questions",
    "two_processes",
    "kills",
    "sandbox",
    "dashboard.trace_page",
)

figures = []
for name in sys.argv[1:] or ALL:
    print(f"measuring {name} …", file=sys.stderr)
    figures += importlib.import_module(f"benchmarks.{name}").measure()
print(table(figures))
