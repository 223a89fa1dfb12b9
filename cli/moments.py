"""Times as people write and read them at a terminal: in their own zone."""

import time
from datetime import UTC, datetime

HOUR_NS = 3_600_000_000_000
LAST_NS = 2**63 - 1


def window(last_hours: float | None, since: str | None, until: str | None) -> tuple[int, int]:
    """[since, until) in nanoseconds; ValueError with a sentence where they make no sense together."""
    if last_hours is not None and since:
        raise ValueError("--last-hours and --since both say where to begin: give one of them.")
    since_ns = nanoseconds("--since", since) if since else 0
    until_ns = nanoseconds("--until", until) if until else LAST_NS
    if last_hours is not None:
        since_ns = max(0, min(time.time_ns(), until_ns) - round(last_hours * HOUR_NS))
    if since_ns > until_ns:
        raise ValueError("--since lies after --until.")
    return since_ns, until_ns


def nanoseconds(option: str, text: str) -> int:
    """A time without a zone is one of the reader's."""
    try:
        moment = datetime.fromisoformat(text)
        nanoseconds = round(moment.timestamp() * 1_000_000) * 1000
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"{option} {text!r} is no time. Write 2026-11-21 or '2026-11-21 14:30', with +01:00 or Z for a zone "
            "other than yours."
        ) from None
    return max(0, min(nanoseconds, LAST_NS))


def local(utc: datetime) -> datetime:
    """A moment of the store, which is in UTC without saying so, on the reader's clock."""
    return utc.replace(tzinfo=UTC).astimezone()


def brief(utc: datetime) -> str:
    """`14:03:07` of today, `20 Nov 14:03` before, `20 Nov 2025` in another year."""
    moment, today = local(utc), datetime.now().astimezone()
    if moment.date() == today.date():
        return f"{moment:%H:%M:%S}"
    return f"{moment.day} {moment:%b} " + (f"{moment:%H:%M}" if moment.year == today.year else f"{moment:%Y}")
