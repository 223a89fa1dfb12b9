"""A model's answer as code to run and words around it. Pure functions."""

import re
from dataclasses import dataclass

RUN_AS_CODE = ("repl", "python", "python3", "py")

_OPENING = re.compile(r"[ \t]*(?P<fence>`{3,}|~{3,})[ \t]*(?P<language>[\w+-]*)[^`\n]*")


@dataclass(frozen=True, slots=True)
class Written:
    code: tuple[str, ...]
    """Blocks to run, in order."""
    words: str
    """All that stands in no block of any kind."""
    unclosed: bool
    """The last block to run has no end: the answer was cut, and half a program must not run."""


def written(text: str) -> Written:
    """Fences are lines of their own, as in CommonMark: one of three marks is no end of a block that began with four."""
    code: list[str] = []
    words: list[str] = []
    block: list[str] = []
    language = fence = ""
    for line in text.split("\n"):
        if not fence:
            opening = _OPENING.fullmatch(line)
            if opening:
                fence, language, block = opening["fence"], opening["language"].casefold(), []
            else:
                words.append(line)
        elif _closes(line, fence):
            if language in RUN_AS_CODE:
                code.append("\n".join(block))
            fence = ""
        else:
            block.append(line)
    return Written(tuple(code), "\n".join(words), bool(fence) and language in RUN_AS_CODE)


def _closes(line: str, fence: str) -> bool:
    mark = line.strip()
    return len(mark) >= len(fence) and set(mark) == {fence[0]}
