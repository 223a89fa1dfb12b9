"""One colour per model, the same in every chart, table and timeline.

A model's place comes from its name, so it keeps its colour while others come and go; two names on one place are
parted by stepping on, in the order of the alphabet. Red is not among the colours: it means an error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zlib import crc32

COLOURS = (
    "#4C78DB",
    "#EE8A3C",
    "#27A69A",
    "#9A6FE0",
    "#58AE5C",
    "#DE77AE",
    "#D2A21E",
    "#5FB7E0",
    "#AC7A5C",
    "#8D9C3F",
    "#4A6799",
    "#8E5572",
)
REQUEST = "#64748B"
STAGE = "#94A3B8"
ERROR = "#E5484D"

TOKEN_KINDS: Mapping[str, str] = {
    "Input": "#4C78DB",
    "Cached input": "#A8C0F0",
    "Output": "#EE8A3C",
    "Reasoning": "#F6C79B",
}


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of the names known so far; an unknown name falls back on its own place."""

    known: Mapping[str, str] = field(default_factory=dict[str, str])

    def colour_for(self, name: str) -> str:
        return self.known.get(name, COLOURS[_place(name)])

    def side_by_side(self, names: Iterable[str]) -> dict[str, str]:
        """Of names that stand together: known ones keep their colour, others get one that is left, as far as there
        are any."""
        wanted = sorted(set(names))
        chosen = {name: self.known[name] for name in wanted if name in self.known}
        for name in wanted:
            if name not in chosen:
                own = self.colour_for(name)
                left = [colour for colour in COLOURS if colour not in chosen.values()]
                chosen[name] = own if own in left or not left else left[0]
        return chosen

    @property
    def revision(self) -> str:
        """Changes when any colour does."""
        return f"{crc32(repr(sorted(self.known.items())).encode()):08x}"


def palette_of(names: Iterable[str]) -> Palette:
    """Distinct colours for up to twelve names; after that they repeat."""
    known: dict[str, str] = {}
    free = set(range(len(COLOURS)))
    for name in sorted(set(names)):
        place = _place(name)
        while free and place not in free:
            place = (place + 1) % len(COLOURS)
        free.discard(place)
        known[name] = COLOURS[place]
    return Palette(known)


def _place(name: str) -> int:
    return crc32(name.encode()) % len(COLOURS)
