"""What has gone through the collector since it started, and what waits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    received: int
    """This and the next three are spans."""
    stored: int
    duplicate: int
    rejected: int
    queued: int
    """Spans taken in and not committed yet."""
    spool_waiting: int
    """This and the next are files."""
    spool_landed: int
    store_bytes: int
