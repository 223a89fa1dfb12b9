"""A span that is no model call, and what it says. Attributes come from anybody, so nothing is taken on trust."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

MOST = 10**12
"""Numbers beyond it are none of ours, and would not fit where they are added up."""
LONGEST = 200
"""Characters of a name."""


@dataclass
class Finding:
    trace_id: str
    span_id: str
    parent_span_id: str
    start_ns: int
    span_type: str
    strategy: str
    stage_name: str
    attributes: str
    """JSON, read only where it is needed: most of it never is."""

    @property
    def key(self) -> tuple[str, str]:
        return self.trace_id, self.span_id

    @property
    def above(self) -> tuple[str, str]:
        return self.trace_id, self.parent_span_id

    @cached_property
    def said(self) -> Mapping[str, Any]:
        return json.loads(self.attributes)

    def has(self, key: str) -> bool:
        return f'"{key}"' in self.attributes and key in self.said

    def json(self, key: str, expected: type) -> Any:
        """What the attribute says as JSON. None where there is none of it, or it is of another kind."""
        try:
            value = json.loads(self.said[key])
        except (KeyError, TypeError, ValueError, RecursionError):
            return None
        return value if isinstance(value, expected) else None

    def number(self, key: str) -> float | None:
        return as_number(self.said.get(key))

    def whole(self, key: str) -> int | None:
        """A count: not below 0."""
        return as_whole(self.said.get(key))

    def flag(self, key: str) -> bool | None:
        value = self.said.get(key)
        return value if isinstance(value, bool) else None

    def text(self, key: str) -> str | None:
        value = self.said.get(key)
        return value[:LONGEST] if isinstance(value, str) else None


def as_number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and -MOST <= value <= MOST else None


def as_whole(value: Any) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and 0 <= value <= MOST else None
