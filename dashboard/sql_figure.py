"""A chart of what any statement answered: which columns suit it, and the figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa

from dashboard.palette import Palette
from dashboard.plain import in_plotly, line

KINDS = ("bar", "line", "scatter")
MOST_ROWS = 2_000
"""More bars than pixels say nothing."""
MOST_COLOURS, OTHERS = 24, "others"
ALL = ""
NOT_MEASURED = ("_ns", "_id", "_index", "depth")
"""How the names of numbers end that nobody adds up or compares."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of an answer by what a chart can do with them."""

    numbers: Sequence[str]
    moments: Sequence[str]
    texts: Sequence[str]

    @classmethod
    def of(cls, table: pa.Table) -> "Columns":
        kinds = {field.name: field.type for field in table.schema}
        return cls(
            [name for name, kind in kinds.items() if _is_number(kind)],
            [name for name, kind in kinds.items() if pa.types.is_temporal(kind)],
            [
                name
                for name, kind in kinds.items()
                if pa.types.is_string(kind) or pa.types.is_large_string(kind)
            ],
        )

    @property
    def along(self) -> list[str]:
        """What may be x, the likeliest first."""
        return [*self.moments, *self.texts, *self.numbers]


@dataclass(frozen=True, slots=True)
class Choice:
    kind: str
    x: str
    y: str
    colour: str = ALL


def sensible(table: pa.Table) -> Choice | None:
    """What such an answer is mostly about; None where it holds nothing to draw."""
    columns = Columns.of(table)
    measured = [name for name in columns.numbers if not name.endswith(NOT_MEASURED)] or list(columns.numbers)
    if not measured or not table.num_rows:
        return None
    amounts = [name for name in measured if name.endswith(("usd", "_ms", "seconds"))]
    y = (amounts or measured)[0]
    along = [name for name in columns.along if name != y]
    if not along:
        return None
    x = along[0]
    colour = next((name for name in columns.texts if name not in (x, y) and not name.endswith("_id")), ALL)
    if x in columns.moments:
        return Choice("line", x, y, colour)
    return Choice("scatter" if x in columns.numbers else "bar", x, y, colour)


def figure(table: pa.Table, choice: Choice, palette: Palette) -> go.Figure:
    """The first rows of the answer, those without a value left out; one colour a value of the chosen column."""
    rows = table.slice(0, MOST_ROWS).select(
        list(dict.fromkeys(filter(None, (choice.x, choice.y, choice.colour))))
    )
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in _in_microseconds(rows).to_pylist():
        has_place = row[choice.x] is not None or choice.kind == "bar"
        if row[choice.y] is not None and has_place:
            name = _name(row[choice.colour]) if choice.colour else choice.y
            groups.setdefault(name if name in groups or len(groups) < MOST_COLOURS else OTHERS, []).append(
                row
            )
    colours = palette.side_by_side(groups)
    drawn = go.Figure()
    for name, members in groups.items():
        _draw(drawn, choice, name, members, colours[name])
    drawn.update_layout(
        height=340,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        barmode="stack",
        showlegend=bool(choice.colour),
        legend={"orientation": "h", "y": -0.2},
        xaxis_title=in_plotly(choice.x),
        yaxis_title=in_plotly(choice.y),
    )
    drawn.update_xaxes(automargin=True)
    if choice.x in Columns.of(table).texts:
        # As the statement orders them, and not as the first colour happens to.
        order = dict.fromkeys(_along(value) for value in rows[choice.x].to_pylist())
        drawn.update_xaxes(categoryorder="array", categoryarray=list(order))
    drawn.update_yaxes(automargin=True, rangemode="tozero")
    return drawn


def _draw(
    drawn: go.Figure, choice: Choice, name: str, rows: Sequence[Mapping[str, Any]], colour: str
) -> None:
    x = [_along(row[choice.x]) for row in rows]
    y = [float(row[choice.y]) for row in rows]
    label = in_plotly(name)
    if choice.kind == "bar":
        drawn.add_bar(x=x, y=y, name=label, marker={"color": colour, "line": {"width": 0}})
    else:
        mode = "markers" if choice.kind == "scatter" else "lines+markers"
        drawn.add_scatter(x=x, y=y, name=label, mode=mode, line={"color": colour}, marker={"color": colour})


def _along(value: Any) -> Any:
    return "NULL" if value is None else in_plotly(value) if isinstance(value, str) else value


def _name(value: Any) -> str:
    return "NULL" if value is None else line(str(value), 60)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def _in_microseconds(table: pa.Table) -> pa.Table:
    """Python's own moments know no nanoseconds."""
    fields = [
        field.with_type(pa.timestamp("us")) if pa.types.is_timestamp(field.type) else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields), safe=False)
