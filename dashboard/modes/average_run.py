"""The merged tree of a mode's runs, as the average run is drawn and listed: a row a place, in depth-first order."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import fmt
from dashboard.answers.modes import Place
from dashboard.plain import line

LEFT_OVER = "left_over"
NAMES = {"run": "The whole run", "orphans": "parent missing", "others": "others"}
LEAST_LEFT_OVER = 0.005
"""As a share of the run; less than that is not worth a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """Amounts are those of an average run of those looked at, whether the place occurs in it or not."""

    id: int
    above: int | None
    depth: int
    kind: str
    name: str
    model: str
    """Of a call, if it is always the same one, and of a model's own row; else empty."""
    runs: int
    of_runs: int
    calls: float
    spans: int
    failed: int
    cost_usd: float | None
    is_lower_bound: bool
    cost_share: float | None
    """Of the run's cost; None where that is not known."""
    input_tokens: float
    output_tokens: float
    waited_ms: float
    """Of the run's latency; with those of the rows beside it, and what is left over, it adds up to that."""
    waited_share: float
    start_ms: float
    """When it begins, and how long it is under way, on average over the runs in which it occurs."""
    length_ms: float

    @property
    def failure_share(self) -> float:
        return self.failed / self.spans if self.spans else 0.0


def rows_of(places: Sequence[Place]) -> list[Row]:
    """A call's model has a row of its own only where there are several; what is left over comes last."""
    if not places:
        return []
    top = places[0]
    below: dict[int, list[Place]] = {}
    for place in places[1:]:
        below.setdefault(place.above or 0, []).append(place)
    rows = []
    for place in places:
        models = [each for each in below.get(place.place, ()) if each.kind == "model"]
        beside = below.get(place.above, ()) if place.above is not None else ()
        if place.kind == "model" and sum(each.kind == "model" for each in beside) == 1:
            continue
        only = models[0].label if len(models) == 1 else ""
        rows.append(_row(place, top, only if place.kind == "call" else ""))
    return [*rows, *_left_over(top, below.get(0, ()))]


def _row(place: Place, top: Place, only_model: str) -> Row:
    is_model = place.kind == "model"
    known = top.cost_usd if top.cost_usd else None
    return Row(
        id=place.place,
        above=place.above,
        depth=place.depth,
        kind=place.kind,
        name=NAMES.get(place.kind) or _short(place),
        model=place.label if is_model else only_model,
        runs=place.runs,
        of_runs=top.runs,
        calls=place.calls / top.runs,
        spans=place.spans,
        failed=place.failed,
        cost_usd=None if place.cost_usd is None else place.cost_usd / top.runs,
        is_lower_bound=place.is_lower_bound,
        cost_share=None if known is None or place.cost_usd is None else place.cost_usd / known,
        input_tokens=place.input_tokens / top.runs,
        output_tokens=place.output_tokens / top.runs,
        waited_ms=(top.elapsed_ms if place is top else place.waited_ms) / top.runs,
        waited_share=1.0 if place is top else _part(place.waited_ms, top.elapsed_ms),
        start_ms=place.first_ms / place.runs,
        length_ms=place.elapsed_ms / place.runs,
    )


def _left_over(top: Place, stages: Sequence[Place]) -> list[Row]:
    """Time between the stages, and calls in none of them."""
    waited = top.elapsed_ms - sum(place.waited_ms for place in stages)
    calls = top.calls - sum(place.calls for place in stages)
    cost = (top.cost_usd or 0.0) - sum(place.cost_usd or 0.0 for place in stages)
    if calls <= 0 and _part(waited, top.elapsed_ms) < LEAST_LEFT_OVER:
        return []
    return [
        Row(
            id=-1,
            above=0,
            depth=1,
            kind=LEFT_OVER,
            name="outside stages" if stages else "in no stage",
            model="",
            runs=top.runs,
            of_runs=top.runs,
            calls=max(0, calls) / top.runs,
            spans=0,
            failed=0,
            cost_usd=cost / top.runs if calls > 0 else 0.0,
            is_lower_bound=False,
            cost_share=_part(cost, top.cost_usd) if calls > 0 and top.cost_usd else 0.0,
            input_tokens=(top.input_tokens - sum(place.input_tokens for place in stages)) / top.runs,
            output_tokens=(top.output_tokens - sum(place.output_tokens for place in stages)) / top.runs,
            waited_ms=max(0.0, waited) / top.runs,
            waited_share=_part(max(0.0, waited), top.elapsed_ms),
            start_ms=0.0,
            length_ms=0.0,
        )
    ]


def _short(place: Place) -> str:
    """`layer1` of `moa.layer1`; a model without its provider."""
    if place.kind == "stage":
        return line(place.label.partition(".")[2] or place.label, 60)
    if place.kind == "model":
        return line(place.label.rpartition("/")[2] or place.label, 60)
    return line(place.label, 60)


def _part(part: float, whole: float | None) -> float:
    return part / whole if whole else 0.0


def dearest_role(rows: Sequence[Row]) -> Row | None:
    """The role that costs most of a run."""
    roles = [row for row in rows if row.kind == "call" and row.cost_usd]
    return max(roles, key=lambda row: row.cost_usd or 0.0, default=None)


def longest_waited(rows: Sequence[Row]) -> Row | None:
    """The role that runs wait for most."""
    roles = [row for row in rows if row.kind == "call" and row.waited_ms > 0]
    return max(roles, key=lambda row: row.waited_ms, default=None)


def place_of(row: Row, rows: Sequence[Row]) -> str:
    """`aggregator in aggregate`: a role alone may stand in several stages."""
    around = next((each for each in rows if each.id == row.above and each.kind != "run"), None)
    return f"{row.name} in {around.name}" if around else row.name


def cost_text(row: Row) -> str:
    return fmt.money(row.cost_usd, lower_bound=row.is_lower_bound)
