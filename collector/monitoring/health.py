"""What the collector says about itself at `/healthz`."""

from dataclasses import dataclass
from typing import Any

SERVICE = "composite-llm-collector"


@dataclass(frozen=True, slots=True)
class Health:
    service: str
    version: str
    schema_version: int
    store: str
    """Path of the DuckDB file."""
    pid: int
    grpc: str
    """Address of OTLP/gRPC; or `off`, and why."""
    uptime_s: float
    spans_received: int
    """This and the next three count since the collector started."""
    spans_stored: int
    spans_duplicate: int
    spans_rejected: int
    oddities: dict[str, int]
    """Of the stored ones since then, how many are strange in what way; the question `oddities` says more."""
    spool_files: int
    """Waiting to be landed."""
    spool_landed: int
    """Files; this and the next four count since the collector started."""
    spool_repaired: int
    """Of those: left behind or cut off by a killed program or a power cut."""
    spool_set_aside: int
    """Kept in `spool/rejected`, for what of them could not be stored."""
    spool_discarded: int
    """Unreadable, and removed since nobody could say that they hold no content."""
    spans_lost: int
    """Spans that programs said they had to drop before they could send or spool them."""
    content: str
    """What is kept of prompts and answers: full, redacted or none."""
    oldest_span_ns: int | None
    """Start of the earliest span; this and the next six describe the whole store."""
    newest_span_ns: int | None
    """End of the latest span."""
    traces: int
    simulated_traces: int
    """Those in which the offline simulator answered a call."""
    spans: int
    llm_calls: int
    unpriced_calls: int
    store_bytes: int
    retention: dict[str, Any]
    """keep_seconds and max_bytes, the limits; last, what went most recently; error, why that failed."""
