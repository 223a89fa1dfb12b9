"""What the tokens of an average run are billed as."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard import fmt
from dashboard.answers import StrategyTotals
from dashboard.charts.marks import Mark
from dashboard.charts.ticks import linear_ticks
from dashboard.charts.time_axis import LEGEND
from dashboard.palette import TOKEN_KINDS
from dashboard.plain import in_plotly

ROW = 26


def tokens_by_strategy(strategies: Sequence[StrategyTotals]) -> go.Figure:
    """Tokens of an average run, by what they are billed as."""
    names = [in_plotly(row.strategy) for row in strategies]
    per_run = [[tokens / row.runs for tokens in row.token_kinds] for row in strategies]
    figure = go.Figure()
    for (kind, colour), tokens in zip(TOKEN_KINDS.items(), zip(*per_run, strict=True), strict=True):
        figure.add_bar(
            y=names,
            x=list(tokens),
            name=kind,
            orientation="h",
            width=0.66,
            marker={"color": colour, "line": {"width": 0}},
            customdata=[
                Mark(row.strategy).beside(fmt.count(round(value)))
                for row, value in zip(strategies, tokens, strict=True)
            ],
            hovertemplate=f"{kind}: %{{customdata[0]}}<extra>%{{y}}</extra>",
        )
    ticks = linear_ticks(max(sum(kinds) for kinds in per_run))
    plot_height = max(150, ROW * len(names))
    figure.update_layout(
        barmode="stack",
        height=plot_height + 72,
        margin={"l": 0, "r": 12, "t": 8, "b": 0},
        legend={**LEGEND, "traceorder": "normal", "y": -30 / plot_height},
    )
    figure.update_xaxes(tickvals=ticks, ticktext=[fmt.compact(value) for value in ticks])
    figure.update_yaxes(autorange="reversed", ticks="", automargin=True, ticklabelstandoff=8)
    return figure
