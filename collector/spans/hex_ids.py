"""Ids of traces and spans, however somebody writes them."""

import re

TRACE_ID_DIGITS = 32
SPAN_ID_DIGITS = 16

DIGITS = re.compile(r"(?:0x)?([0-9a-f]+)")


def stored_form(text: str, digits: int) -> str:
    """As the store writes it: lower case, with leading zeros. What is no such id comes back as it is."""
    found = DIGITS.fullmatch(text.strip().lower().replace("-", ""))
    bare = found[1].lstrip("0") if found else ""
    return bare.zfill(digits) if 0 < len(bare) <= digits else text


def is_stored_form(text: str, digits: int) -> bool:
    return len(text) == digits and DIGITS.fullmatch(text) is not None
