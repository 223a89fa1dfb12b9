"""Where in a long text a recursion has looked: characters from left to right, a row for each reader."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard import fmt
from dashboard.charts.ticks import linear_ticks
from dashboard.plain import in_plotly

ROW, AXIS = 26, 34
READ, GIVEN, UNREAD = "#4C78DB", "#94A3B8", "rgba(128, 136, 150, 0.18)"


@dataclass(frozen=True, slots=True)
class Stretches:
    """What one reader has of the text, each from the first character to the one after the last."""

    label: str
    places: Sequence[tuple[int, int]]
    is_given: bool = False
    """It was given that part, which is not to say that it read all of it."""


def context_strip(readers: Sequence[Stretches], chars: int) -> go.Figure:
    figure = go.Figure()
    labels = [in_plotly(reader.label, 40) for reader in readers]
    figure.add_bar(
        y=labels,
        x=[chars] * len(labels),
        orientation="h",
        width=0.7,
        marker={"color": UNREAD, "line": {"width": 0}},
        hoverinfo="skip",
    )
    for label, reader in zip(labels, readers, strict=True):
        figure.add_bar(
            y=[label] * len(reader.places),
            base=[start for start, _ in reader.places],
            x=[end - start for start, end in reader.places],
            orientation="h",
            width=0.7,
            marker={"color": GIVEN if reader.is_given else READ, "line": {"width": 0}},
            customdata=[f"{fmt.count(start)} to {fmt.count(end)}" for start, end in reader.places],
            hovertemplate="characters %{customdata}<extra></extra>",
        )
    ticks = [tick for tick in linear_ticks(chars) if tick <= chars]
    figure.update_layout(
        barmode="overlay",
        showlegend=False,
        height=ROW * len(labels) + AXIS,
        margin={"l": 0, "r": 12, "t": 0, "b": 0},
    )
    figure.update_xaxes(
        range=[0, chars], tickvals=ticks, ticktext=[fmt.compact(tick) for tick in ticks], showgrid=False
    )
    figure.update_yaxes(autorange="reversed", ticks="", automargin=True, ticklabelstandoff=8, showgrid=False)
    return figure
