"""How an amount is spread over runs at each depth of recursion: bars of the mean, marks of the tail."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from dashboard.charts.ticks import linear_ticks
from dashboard.recursion.across import Spread

ROW, AXIS = 34, 58
MEAN, P95, MOST = "#4C78DB", "#EE8A3C", "#D5373D"
LEGEND = {
    "orientation": "h",
    "yanchor": "bottom",
    "y": 1.0,
    "x": 0,
    "xanchor": "left",
    "title": None,
    "entrywidth": 44,
}


def spread_by_depth(
    rows: Sequence[tuple[int, Spread]],
    written: Callable[[float], str],
    ticked: Callable[[Sequence[float]], Sequence[str]],
) -> go.Figure:
    """A row a depth. `written` writes one amount, `ticked` those of the axis."""
    depths = [f"depth {depth}" for depth, _ in rows]
    figure = go.Figure()
    figure.add_bar(
        y=depths,
        x=[spread.mean for _, spread in rows],
        name="mean",
        orientation="h",
        width=0.6,
        marker={"color": MEAN, "line": {"width": 0}},
        customdata=[written(spread.mean) for _, spread in rows],
        hovertemplate="mean %{customdata}<extra>%{y}</extra>",
    )
    tail = (
        ("p95", P95, "line-ns-open", [spread.p95 for _, spread in rows]),
        ("most", MOST, "diamond", [spread.most for _, spread in rows]),
    )
    for name, colour, symbol, values in tail:
        figure.add_scatter(
            y=depths,
            x=values,
            name=name,
            mode="markers",
            marker={
                "color": colour,
                "symbol": symbol,
                "size": 16 if name == "p95" else 8,
                "line": {"width": 3},
            },
            customdata=[written(value) for value in values],
            hovertemplate=f"{name} %{{customdata}}<extra>%{{y}}</extra>",
        )
    ticks = linear_ticks(max(spread.most for _, spread in rows))
    figure.update_layout(
        height=ROW * len(rows) + AXIS,
        margin={"l": 0, "r": 12, "t": 24, "b": 0},
        legend=LEGEND,
        showlegend=True,
    )
    figure.update_xaxes(tickvals=ticks, ticktext=list(ticked(ticks)), rangemode="tozero")
    figure.update_yaxes(autorange="reversed", ticks="", automargin=True, ticklabelstandoff=8, showgrid=False)
    return figure
