"""Which run is meant by an id as people have it: whole or its beginning, in any spelling."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.client import CollectorClient

LENGTH = 32
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class NoSuchRun(Exception):
    """The message says what to do."""


class NotAnId(NoSuchRun):
    """What was given cannot be the id of any run."""


def find_run(client: "CollectorClient", text: str) -> str:
    """The trace id, 32 hex digits. NoSuchRun where none or several are meant."""
    beginning = digits(text)
    found: list[str] = client.ask("trace_ids", trace_id=beginning)["trace_id"].to_pylist()
    if not found:
        raise NoSuchRun(
            f"No run has the id {beginning}. composite-llm traces lists the newest ones; a run appears there "
            "within a second or two after its first call has ended."
        )
    if len(found) > 1:
        raise NoSuchRun(f"Several runs begin with {beginning}: {', '.join(found)}. Give more digits.")
    return found[0]


def digits(text: str) -> str:
    """Upper case, `0x`, dashes of a UUID and the rest of a traceparent header are taken off."""
    lower = text.strip().lower()
    if (header := TRACEPARENT.fullmatch(lower)) is not None:
        return header[1]
    plain = re.sub(r"[-{}\s]", "", lower.removeprefix("0x"))
    if not re.fullmatch(f"[0-9a-f]{{1,{LENGTH}}}", plain):
        shown = text if len(text) <= LENGTH + 8 else text[: LENGTH + 8] + "…"
        raise NotAnId(f"{shown!r} is no trace id: that is {LENGTH} hex digits, or the first few of them.")
    return plain
