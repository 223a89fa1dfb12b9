"""Where a page of the trace list ended, as a text that clients hand back.

It holds where each page before ended, and when: a run whose start moved is then known to have been listed, or
not. It holds the window too: the page after must be about the same hours, however late it is asked for.
"""

import base64
import json
from typing import NamedTuple

from collector.errors import QuestionError
from collector.parameters import LAST_NS
from collector.spans.hex_ids import TRACE_ID_DIGITS, is_stored_form

MOST_MARKS = 50
"""As many as fit an address."""


class Mark(NamedTuple):
    """Where a page ended, and when it was asked for."""

    start_ns: int
    trace_id: str
    asked_ns: int


class Cursor(NamedTuple):
    since_ns: int
    until_ns: int
    marks: tuple[Mark, ...]
    """Of the pages so far."""

    def after(self, start_ns: int, trace_id: str, asked_ns: int) -> "Cursor":
        marks = (*self.marks, Mark(start_ns, trace_id, asked_ns))
        return self._replace(marks=marks[-MOST_MARKS:])

    def written(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(self).encode()).decode().rstrip("=")


def read(text: str) -> Cursor:
    try:
        match json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))):
            case [int(since), int(until), [_, *_] as marks]:
                cursor = Cursor(since, until, tuple(_mark(mark) for mark in marks))
            case _:
                raise _foreign()
    except (ValueError, RecursionError) as error:
        raise _foreign() from error
    if not _are_moments(cursor.since_ns, cursor.until_ns) or len(cursor.marks) > MOST_MARKS:
        raise _foreign()
    return cursor


def _mark(written: object) -> Mark:
    match written:
        case [int(start), str(trace_id), int(asked)]:
            if _are_moments(start, asked) and is_stored_form(trace_id, TRACE_ID_DIGITS):
                return Mark(start, trace_id, asked)
        case _:
            pass
    raise _foreign()


def _are_moments(*numbers: int) -> bool:
    return all(0 <= number <= LAST_NS for number in numbers)


def _foreign() -> QuestionError:
    return QuestionError(
        "the cursor is none that /traces gave as next; leave it out to begin at the newest trace"
    )
