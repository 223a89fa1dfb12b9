"""What a bar's colour may mean: its model, its role, or its cost."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from dashboard import fmt, palette
from dashboard.naming import alike, columns_of, short_names
from dashboard.palette import Palette
from dashboard.plain import line

CONTAINERS: Mapping[str, tuple[str, str]] = {
    "request": ("request", palette.REQUEST),
    "stage": ("stage", palette.STAGE),
}
OTHER = ("other spans", palette.STAGE)
UNKNOWN = ("cost unknown", palette.REQUEST)
COSTS = ((0.02, "#9DB2C9"), (0.1, "#5FB7E0"), (0.3, "#4C78DB"), (0.6, "#9A6FE0"), (1.0, "#C03A94"))
"""Steps by share of the dearest call, and their colours; the last is the dearest itself."""

Kind = tuple[str, str]
"""What a colour stands for, and the colour."""


@dataclass(slots=True)
class Colouring:
    kinds: list[Kind] = field(default_factory=list[Kind])
    places: list[int] = field(default_factory=list[int])
    """Of each span in `kinds`."""

    def place(self, kind: Kind) -> int:
        if kind not in self.kinds:
            self.kinds.append(kind)
        return self.kinds.index(kind)

    @property
    def legend(self) -> list[tuple[str, str, int]]:
        """What, its colour, and how many spans have it."""
        counted = Counter(self.places)
        return [(line(what, 60), colour, counted[place]) for place, (what, colour) in enumerate(self.kinds)]


def colourings(spans: pa.Table, colours: Palette) -> dict[str, Colouring]:
    """By the names the toolbar offers, in its order."""
    by_model, by_role = _by_what_it_is(spans, colours)
    return {"model": by_model, "role": by_role, "cost": _by_cost(spans)}


def _by_what_it_is(spans: pa.Table, colours: Palette) -> tuple[Colouring, Colouring]:
    """The most frequent first."""
    distinct, places = alike(columns_of(spans, "is_llm_call", "model", "role", "span_type"))
    short = short_names(model for _, model, *_ in distinct if model)
    roles = palette.palette_of(_role(call, role, kind) for call, _, role, kind in distinct)
    by_model, by_role = Colouring(), Colouring()
    found: dict[int, tuple[int, int]] = {}
    for place, _ in Counter(places).most_common():
        call, model, role, kind = distinct[place]
        known = (short[model] or model, colours.colour_for(model)) if call and model else _container(kind)
        said = _role(call, role, kind)
        named = CONTAINERS.get(said, (said.replace("_", " "), roles.colour_for(said)))
        found[place] = by_model.place(known), by_role.place(named)
    by_model.places = [found[place][0] for place in places]
    by_role.places = [found[place][1] for place in places]
    return by_model, by_role


def _by_cost(spans: pa.Table) -> Colouring:
    """Dearest first."""
    rows = ("is_llm_call", "span_type", "cost_usd", "billing")
    billed = columns_of(spans, "cost_usd", "billing")
    dearest = max((usd for usd, billing in billed if billing == "priced"), default=0.0)
    limits = [share * dearest for share, _ in COSTS]
    known = Colouring()
    steps = [
        known.place((f"up to {fmt.money(limit)}", colour))
        for limit, (_, colour) in reversed(list(zip(limits, COSTS, strict=True)))
    ][::-1]
    unknown, containers = (
        known.place(UNKNOWN),
        {kind: _container(kind) for kind in spans["span_type"].unique().to_pylist()},
    )
    below = {kind: known.place(container) for kind, container in containers.items()}
    for call, kind, usd, billing in columns_of(spans, *rows):
        if not call:
            known.places.append(below[kind])
        elif billing == "priced":
            known.places.append(steps[min(bisect_left(limits, usd), len(steps) - 1)])
        else:
            known.places.append(unknown)
    return known


def _role(call: bool, role: str | None, kind: str | None) -> str:
    return role or ("call" if call else kind or OTHER[0])


def _container(kind: str | None) -> Kind:
    return CONTAINERS.get(kind or "", OTHER)
