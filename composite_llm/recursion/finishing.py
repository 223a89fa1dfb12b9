"""The end of a run that a model writes in words: `FINAL(...)` or `FINAL_VAR(...)`, at the start of a line.

The paper's form, and brittle: a pattern that stops at the first bracket cuts answers that hold one. Here the end
is the first bracket that closes all others and has nothing behind it on its line.
"""

import ast
import re
from dataclasses import dataclass

_TAG = re.compile(r"^[ \t]*(?P<tag>FINAL_VAR|FINAL)\(", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Final:
    text: str
    """The answer, or the name of the variable that holds it."""
    is_variable: bool


def final_in(words: str) -> Final | None:
    """None where there is none. `words`: what stands outside of code."""
    tag = _TAG.search(words)
    if tag is None:
        return None
    inside = _until_its_bracket(words[tag.end() :]).strip()
    said = _unquoted(inside)
    if tag["tag"] == "FINAL":
        return Final(said, is_variable=False)
    return Final(said.strip(), is_variable=True) if _NAME.fullmatch(said.strip()) else None


def _until_its_bracket(text: str) -> str:
    """Up to the bracket that ends the tag; all of `text` where none does, as in an answer that was cut."""
    depth, balanced = 1, None
    for place, mark in enumerate(text):
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
            if depth <= 0:
                if _ends_its_line(text, place):
                    return text[:place]
                balanced = place if balanced is None else balanced
                depth = 1  # `:)` and `1)` close nothing
    last = text.rstrip()
    if last.endswith(")"):
        return last[:-1]
    return text if balanced is None else text[:balanced]


def _ends_its_line(text: str, place: int) -> bool:
    end = text.find("\n", place)
    return not text[place + 1 : len(text) if end < 0 else end].strip()


def _unquoted(text: str) -> str:
    """Models write `FINAL("yes")` as if it were a call."""
    if text[:1] not in "\"'" or text[-1:] != text[:1]:
        return text
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, str) else text
