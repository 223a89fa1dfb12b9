"""The axis of a chart over time, on the clock of its reader."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

DAY = 86_400
HEIGHT = 264
LEGEND = {"orientation": "h", "yanchor": "top", "y": -0.14, "x": 0, "xanchor": "left", "title": None}


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Whole buckets from the first to the last, so that a quiet stretch shows as one."""

    first: datetime
    last: datetime
    seconds: int
    zone: str

    @property
    def ends(self) -> list[datetime]:
        return [self.on_clock(self.first), self.on_clock(self.last + timedelta(seconds=self.seconds))]

    @property
    def tick_format(self) -> str:
        if self.seconds >= DAY:
            return "%-d %b"
        if self.ends[1] - self.ends[0] > timedelta(days=1):
            return "%-d %b %H:%M"
        return "%H:%M" if self.seconds >= 60 else "%H:%M:%S"

    def on_clock(self, utc: datetime) -> datetime:
        """What the reader's clock said. Plotly has no zones, so it gets that without one."""
        return utc.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)

    def bounds_of(self, bucket: datetime) -> tuple[int, int]:
        """The seconds since 1970 at which a bucket begins and the next one does. A day is one on the reader's clock,
        which on two days a year has not 24 hours."""
        begin = bucket.replace(tzinfo=UTC)
        if self.seconds % DAY:
            return int(begin.timestamp()), int(begin.timestamp()) + self.seconds
        next_day = begin.astimezone(ZoneInfo(self.zone)) + timedelta(seconds=self.seconds)
        return int(begin.timestamp()), int(next_day.timestamp())


def figure_over(axis: TimeAxis) -> go.Figure:
    """An empty chart over the whole axis."""
    figure = go.Figure()
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 0, "r": 8, "t": 8, "b": 0},
        hovermode="x unified",
        legend={**LEGEND, "traceorder": "normal"},
        showlegend=True,
        hoverlabel={"namelength": -1},
    )
    figure.update_xaxes(type="date", range=axis.ends, nticks=7, tickformat=axis.tick_format, showgrid=False)
    figure.update_yaxes(automargin=True, ticklabelstandoff=6)
    return figure
