"""When two answers are the same, and what most answers come to. Pure functions.

Where answers are compared, the one an answer marks as its result counts, if it marks one: `<<<42>>>`,
`\\boxed{42}`, `#### 42` or a last line `Answer: 42`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import log2
from typing import Literal

By = Literal["auto", "text", "last_line", "number", "choice"]
"""What must be equal: the marked result (all words without one), all words, those of the last line, the last
number, the letter chosen."""

_MARKED = re.compile(
    r"<<<(?P<angle>[^<>]+)>>>"
    r"|\\boxed\{(?P<boxed>(?:[^{}]|\{[^{}]*\})+)\}"
    r"|^####(?P<hash>[^\n]+)"
    r"|^[^\w\n]*(?:the +)?(?:final +)?answer(?: +is|[ *]*:)(?P<said>[^\n]+)",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")
_ONLY_A_NUMBER = re.compile(r"[^\w-]*-?\d+(?:[.,]\d+)*\W*")
_CHOICE = re.compile(r"\W{0,9}(?:(?:option|choice)\W{1,9})?([A-Za-z])(?:[.):]|\W{0,9}$)", re.IGNORECASE)
_EDGES = ".,;:!?\"'`*_()[] "


def marked(text: str) -> str | None:
    """What an answer marks as its result, the last where it marks several."""
    found = [next(part for part in match.groups() if part) for match in _MARKED.finditer(text)]
    return found[-1].strip() if found else None


def key_of(text: str, by: By) -> str | None:
    """What must be equal in two answers for them to be the same. None where there is nothing to compare."""
    match by:
        case "auto":
            result = marked(text) or text
            return _choice_in(result) or _only_number_in(result) or _plain(result)
        case "number":
            numbers = _NUMBER.findall(marked(text) or text)
            return _as_number(numbers[-1]) if numbers else None
        case "choice":
            return _choice_in(marked(text) or text)
        case "last_line":
            lines = [line for line in text.splitlines() if line.strip()]
            return _plain(lines[-1] if lines else text)
        case "text":
            return _plain(text)


@dataclass(frozen=True, slots=True)
class Tally:
    """Answers put together that are the same."""

    groups: Sequence[Sequence[int]]
    """Positions of equal answers; the largest group first, equally large ones in the order they were asked."""
    counted: int
    """How many answers there are, those with nothing to compare among them."""

    @property
    def winner(self) -> int:
        """Position of the first answer of the largest group; the first of all where nothing can be compared."""
        return self.groups[0][0] if self.groups else 0

    @property
    def agreement(self) -> float:
        """The largest group's share of all answers, 0 to 1."""
        return len(self.groups[0]) / self.counted if self.groups else 0.0

    @property
    def margin(self) -> float:
        """By what share of all answers the largest group leads the next one, 0 to 1."""
        sizes = [len(group) for group in self.groups] + [0, 0]
        return (sizes[0] - sizes[1]) / self.counted if self.counted else 0.0

    @property
    def entropy(self) -> float:
        """Of the groups' sizes, in bits: 0 where all agree."""
        total = sum(len(group) for group in self.groups)
        shares = [len(group) / total for group in self.groups]
        return -sum(share * log2(share) for share in shares) + 0.0

    def decided(self, waiting: int) -> bool:
        """Whether `waiting` more answers cannot change who wins."""
        sizes = [len(group) for group in self.groups] + [0, 0]
        return sizes[0] > sizes[1] + waiting


def tally(texts: Sequence[str], by: By) -> Tally:
    return grouped([key_of(text, by) for text in texts])


def grouped(keys: Sequence[str | None]) -> Tally:
    """By keys of any origin, such as a model's word on which answers mean the same; None is in no group."""
    groups: dict[str, list[int]] = {}
    for position, key in enumerate(keys):
        if key is not None:
            groups.setdefault(key, []).append(position)
    largest_first = sorted(groups.values(), key=lambda group: (-len(group), group[0]))
    return Tally(largest_first, len(keys))


def _plain(text: str) -> str | None:
    return " ".join(text.casefold().split()).strip(_EDGES) or None


def _choice_in(text: str) -> str | None:
    match = _CHOICE.match(text)
    return match[1].casefold() if match else None


def _only_number_in(text: str) -> str | None:
    return _as_number(_NUMBER.findall(text)[-1]) if _ONLY_A_NUMBER.fullmatch(text) else None


def _as_number(written: str) -> str:
    """`1,234.50` and `1234.5` are the same number."""
    plain = written.replace(",", "")
    try:
        return repr(float(plain))
    except ValueError:  # such as 1.2.3
        return plain
