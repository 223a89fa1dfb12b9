"""Where a page of the trace list ended, as a text that clients hand back.

It holds the window too: the page after must be about the same hours, however late it is asked for.
"""

import base64
import json
from typing import NamedTuple

from collector.errors import QuestionError
from collector.parameters import LAST_NS
from collector.spans.hex_ids import TRACE_ID_DIGITS, is_stored_form


class Cursor(NamedTuple):
    start_ns: int
    trace_id: str
    """The last trace that was listed."""
    as_of_ns: int
    """When the first page was asked for."""
    since_ns: int
    until_ns: int

    def written(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(self).encode()).decode().rstrip("=")


def read(text: str) -> Cursor:
    try:
        match json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))):
            case [int(start), str(trace_id), int(as_of), int(since), int(until)]:
                cursor = Cursor(start, trace_id, as_of, since, until)
            case _:
                raise _foreign()
    except (ValueError, RecursionError) as error:
        raise _foreign() from error
    numbers = (cursor.start_ns, cursor.as_of_ns, cursor.since_ns, cursor.until_ns)
    if not all(0 <= number <= LAST_NS for number in numbers):
        raise _foreign()
    if not is_stored_form(cursor.trace_id, TRACE_ID_DIGITS):
        raise _foreign()
    return cursor


def _foreign() -> QuestionError:
    return QuestionError(
        "the cursor is none that /traces gave as next; leave it out to begin at the newest trace"
    )
