"""The events of `/live` as a client reads them: server-sent events, one JSON object each."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LiveEvent:
    id: str
    """Where to go on after this one."""
    name: str
    """ready, spans, running or reset."""
    data: dict[str, Any]


def live_events(lines: Iterable[str]) -> Iterator[LiveEvent]:
    """Comments are left out, and so is an event that was cut off."""
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        if name:
            fields[name] = value.removeprefix(" ")
        elif not line and "data" in fields:
            yield LiveEvent(fields.get("id", ""), fields.get("event", ""), json.loads(fields["data"]))
            fields = {}
