"""What the collector says about its own work at `/status`: more than `/healthz`, which every page asks."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self

from collector.monitoring.pace import Course, Lag
from collector.spool.folder import SpoolContents

LIBRARIES = ("composite-llm", "duckdb", "clickhouse-connect", "pyarrow", "litellm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    lag: Lag
    course: Course
    seconds_since_commit: float | None
    """None where nothing was stored since the start."""
    queued_spans: int
    """Taken in and not committed yet."""
    calls_held: int
    """Spans with usage of other libraries that the counters leave out until their trace is settled."""
    rejected_spans: dict[str, int]
    """By reason, since the start; so is the next."""
    refused_requests: dict[str, int]
    """By kind of error: requests none of whose spans were taken."""
    spool: SpoolContents
    versions: dict[str, str]
    """Of the libraries it runs with, and of Python."""

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Self:
        """Raises KeyError or TypeError where it is none."""
        return cls(
            lag=Lag(**said["lag"]),
            course=Course(**said["course"]),
            seconds_since_commit=said["seconds_since_commit"],
            queued_spans=said["queued_spans"],
            calls_held=said["calls_held"],
            rejected_spans=said["rejected_spans"],
            refused_requests=said["refused_requests"],
            spool=SpoolContents(**said["spool"]),
            versions=said["versions"],
        )


def versions() -> dict[str, str]:
    found: dict[str, str] = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found | {"python": platform.python_version(), "platform": platform.platform(terse=True)}
