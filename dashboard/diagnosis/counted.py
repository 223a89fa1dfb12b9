"""Bars of how many: runs by depth, by calls, spans by day."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import fmt
from dashboard.palette import COLOURS

HEIGHT = 220
FEW = 5
"""Up to so many, each has its own tick: there is no half run."""


def counted(labels: Sequence[str], numbers: Sequence[int], noun: str) -> go.Figure:
    """One bar a label, in the order given."""
    figure = go.Figure()
    figure.add_bar(
        x=list(labels),
        y=list(numbers),
        width=0.72 if len(labels) > 1 else 0.2,
        marker={"color": COLOURS[0], "line": {"width": 0}},
        customdata=[fmt.plural(number, noun) for number in numbers],
        hovertemplate="%{x}: %{customdata}<extra></extra>",
    )
    figure.update_layout(height=HEIGHT, margin={"l": 0, "r": 8, "t": 8, "b": 0}, showlegend=False)
    figure.update_xaxes(type="category", showgrid=False, nticks=min(12, len(labels)), tickangle=0)
    figure.update_yaxes(rangemode="tozero", nticks=5, tickformat="~s", ticklabelstandoff=6)
    if max(numbers, default=0) <= FEW:
        figure.update_yaxes(dtick=1)
    return figure
