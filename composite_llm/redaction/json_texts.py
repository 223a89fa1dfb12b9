"""Rewriting the strings of a JSON document and leaving every other character of it as it is."""

import json
import re
from typing import Any, Protocol

from composite_llm.redaction.shapes import names_a_secret

_TOKEN = re.compile(r'("(?:[^"\\]++|\\.)*+")(\s*+:\s*+)?|(?<![\w.+-])(\d{13,19})(?:\.0{1,20})?(?![\w.])')
"""A string, with the colon that makes it a name; or a number as long as a payment card's."""
_DECODER = json.JSONDecoder()


class Rewriter(Protocol):
    def text(self, text: str) -> str: ...
    def number(self, number: int) -> int | float | str: ...
    def value(self, value: Any, name: str) -> Any: ...


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


def rewritten(document: str, by: Rewriter) -> str:
    """`document` with every string in it rewritten, names included, and all that stands under a secret name."""
    parts: list[str] = []
    done = 0
    while token := _TOKEN.search(document, done):
        parts.append(document[done : token.start()])
        literal, colon, number = token.groups()
        done = token.end()
        if number:
            new = by.number(int(number))
            parts.append(json.dumps(new) if isinstance(new, str) else token[0])
            continue
        text = json.loads(literal) if "\\" in literal else literal[1:-1]
        new = by.text(text)
        parts += [literal if new == text else _literal(new), colon or ""]
        if colon and names_a_secret(text):
            value, done = _DECODER.raw_decode(document, done)
            parts.append(_hidden(value, text, by))
    return "".join(parts) + document[done:]


def _hidden(value: Any, name: str, by: Rewriter) -> str:
    try:
        return json.dumps(by.value(value, name))
    except RecursionError:  # deeper than anybody nests a secret
        return '"[key]"'


def _literal(text: str) -> str:
    literal = json.dumps(text, ensure_ascii=False)
    try:
        literal.encode()
    except UnicodeEncodeError:  # half a character, which JSON can hold and UTF-8 cannot
        return json.dumps(text)
    return literal
