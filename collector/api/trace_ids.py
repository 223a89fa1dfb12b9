"""Trace ids as callers write them."""

from collector.errors import QuestionError
from collector.spans.hex_ids import TRACE_ID_DIGITS, is_stored_form, stored_form


def known_form(trace_id: str) -> str:
    """As it is stored. Raises QuestionError for what is no id."""
    stored = stored_form(trace_id, TRACE_ID_DIGITS)
    if not is_stored_form(stored, TRACE_ID_DIGITS):
        raise QuestionError(f"{trace_id[:80]!r} is no trace id: it has up to 32 hex digits")
    return stored
