"""Rewriting the strings of a JSON document and leaving every other character of it as it is."""

import json
import re
from collections.abc import Callable

_TOKEN = re.compile(r'("(?:[^"\\]++|\\.)*+")(\s*+:\s*+)?|(?<![\w.+-])(\d{13,19})(?![\w.])')
"""A string, with the colon that makes it a name; or a number as long as a payment card's."""


def is_json(text: str) -> bool:
    """Whether `text` is a document that may hold strings."""
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return False
    try:
        json.loads(text)
    # Documents nested too deeply for the parser are read as plain text.
    except (ValueError, RecursionError):
        return False
    return True


def rewritten(
    document: str,
    rewrite: Callable[[str, str], str],
    rewrite_number: Callable[[int], int | str],
) -> str:
    """`document` with `rewrite(string, the name it stands behind)` in place of every string, names included."""
    name, value_at = "", -1

    def replaced(token: re.Match[str]) -> str:
        nonlocal name, value_at
        literal, colon, number = token.groups()
        if number:
            return json.dumps(rewrite_number(int(number)))
        text = json.loads(literal) if "\\" in literal else literal[1:-1]
        new = rewrite(text, name if token.start() == value_at else "")
        if colon:
            name, value_at = text, token.end()
        return (literal if new == text else _literal(new)) + (colon or "")

    return _TOKEN.sub(replaced, document)


def _literal(text: str) -> str:
    literal = json.dumps(text, ensure_ascii=False)
    try:
        literal.encode()
    except UnicodeEncodeError:  # half a character, which JSON can hold and UTF-8 cannot
        return json.dumps(text)
    return literal
