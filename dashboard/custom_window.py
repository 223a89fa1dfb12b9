"""A window of the reader's own: from one moment to another, as the address writes it.

With the offset of the zone it was chosen in (`2026-11-21T14:00+01:00`), so that a link means the same moments to a
reader elsewhere. Without one it is the reader's own clock, as somebody types it.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


class NoWindow(ValueError):
    """What is wrong with the two ends, as a sentence."""


def written(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def read(text: str, zone: str) -> datetime:
    """Raises NoWindow for what is no moment."""
    # A plus that was not written as %2B arrives as a space.
    head, _, tail = text.strip().rpartition(" ")
    text = f"{head}+{tail}" if "T" in head and ":" in tail else text.strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise NoWindow(f"{text[:40]!r} is no moment: write it like 2026-11-21T14:30+01:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def bounds(since: str, until: str, zone: str) -> tuple[int, int]:
    """Both ends in nanoseconds since 1970. The last minute is in the window."""
    first, last = read(since, zone), read(until, zone)
    if first > last:
        raise NoWindow("The window ends before it begins.")
    if first.year < 1971 or last.year > 2260:
        raise NoWindow("The store knows moments from 1971 to 2260.")
    return _ns(first), _ns(last + MINUTE)


def _ns(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000
