"""What runs are like, and what makes them slow and dear."""

from collections.abc import Iterable, Sequence

import streamlit as st

from dashboard import fmt, state
from dashboard.diagnosis import queries as asked
from dashboard.diagnosis.answers import Bottleneck, ModelCost, RunShape
from dashboard.diagnosis.counted import counted
from dashboard.diagnosis.spread import bars
from dashboard.panels.diagnostics_table import table, to_runs_of, to_span
from dashboard.panels.figure import figure
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.plain import line
from dashboard.state import Buckets, Filters

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}
OLDER = "This collector is of a version that does not answer this. Start it again from this installation."
MOST_MODELS = 12


def shapes(rows: Sequence[RunShape] | None, filters: Filters) -> None:
    if rows is None:
        st.info(OLDER, icon=":material/history:")
        return
    if not rows:
        return
    _looked_at(len(rows), rows[0].matching)
    with_tools = sum(row.has_tools for row in rows)
    with st.grid(3, min_column_width=190, gap="small"):
        figure(
            "Runs with tools",
            fmt.share(with_tools, len(rows)),
            f"{fmt.count(with_tools)} of {fmt.plural(len(rows), 'run')}",
            "A tool ran in them, or the client gave some to the composite.",
        )
        figure(
            "Deepest run",
            fmt.plural(max(row.depth for row in rows), "level"),
            f"usually {_middle(row.depth for row in rows)}",
            "Levels of spans: a request, its stage and a call are three.",
        )
        figure(
            "Most calls in a run",
            fmt.count(max(row.calls for row in rows)),
            f"usually {_middle(row.calls for row in rows)}",
            "Model calls that count, of one user request.",
        )
    with st.grid(2, min_column_width=380, gap="small"):
        _spread(
            "Depth of runs",
            [row.depth for row in rows],
            "Levels of spans",
            filters,
            ("The deepest runs", "depth"),
        )
        _spread(
            "Calls per run",
            [row.calls for row in rows],
            "Model calls that count",
            filters,
            ("Those with most calls", "calls"),
        )


def cost_share(rows: Sequence[ModelCost], buckets: Buckets, filters: Filters) -> None:
    column = st.column_config
    total = sum(row.spend_usd for row in rows)
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(
                "Cost by model",
                anchor=False,
                help="What the calls of each model cost in the window's runs, and its share of what is known.",
                width="content",
            )
            open_in_sql(
                "spend_by_model",
                **filters.parameters() | {"since_ns": buckets.since_ns, "until_ns": buckets.until_ns},
                bucket_seconds=buckets.seconds,
                zone=buckets.zone,
            )
        if not rows:
            st.caption("No model was called in these runs.")
            return
        table(
            "cost_table",
            [_cost_cells(row, total) for row in rows[:MOST_MODELS]],
            [to_runs_of(row.model) for row in rows[:MOST_MODELS]],
            {
                "Model": column.TextColumn(width="medium"),
                "Share": column.ProgressColumn("Share of spend", format="percent", min_value=0, max_value=1),
                "Spend": column.Column(alignment="right"),
                "Calls": column.NumberColumn(),
            },
            alt="Table of models with their share of spend, spend and calls, the dearest first. Select a row to see its runs.",
        )
        if len(rows) > MOST_MODELS:
            st.caption(f"The dearest {MOST_MODELS} of {len(rows)} models.")


def bottlenecks(rows: Sequence[Bottleneck] | None, filters: Filters) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader("What runs wait for", anchor=False, help=WAITING, width="content")
            open_in_sql("bottlenecks", **filters.parameters())
        if rows is None:
            st.info(OLDER, icon=":material/history:")
            return
        if not rows:
            st.caption("No model was called in these runs.")
            return
        _looked_at(rows[0].looked_at, rows[0].matching)
        column = st.column_config
        right = column.Column(alignment="right")
        table(
            "bottleneck_table",
            [_waiting_cells(row) for row in rows],
            [to_span(row.example_trace_id) for row in rows],
            {
                "Model": column.TextColumn(width="medium"),
                "Of the wait": column.ProgressColumn(
                    format="percent",
                    min_value=0,
                    max_value=1,
                    help="Its part of the latency of all runs looked at: how long its calls were on their critical paths.",
                ),
                "Waited": right,
                "Per run": right,
                "Calls": column.NumberColumn(),
                "Came last": column.TextColumn(
                    help="How often it was the last to end of calls that ran side by side in a stage."
                ),
                "Later by": column.Column(
                    alignment="right", help="How much later than the one before it, on average."
                ),
            },
            alt="Table of models with how long runs waited for them, and how often they came last of their stage. Select a row to open the run that waited longest.",
        )


WAITING = (
    "The critical path of a run is what it was waiting for, moment by moment. A model that is on it for long makes runs slow; "
    "one that often comes last of its stage holds up the others: a quorum, a hedge or another model helps."
)


def _spread(
    title: str, values: Sequence[int], meaning: str, filters: Filters, leads: tuple[str, str]
) -> None:
    shown = bars(values)
    with st.container(border=True):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.subheader(
                title, anchor=False, help=f"{meaning}, and how many runs have so many.", width="content"
            )
            open_in_sql("run_shapes", **filters.parameters())
        st.plotly_chart(
            counted([bar.label for bar in shown], [bar.number for bar in shown], "run"),
            config=CONFIG,
            alt=f"Bars of runs by {title.lower()}: "
            + ", ".join(f"{bar.label}: {bar.number}" for bar in shown if bar.number),
            key=f"spread_{title}",
        )
        label, order = leads
        st.page_link(
            state.TRACES_PAGE,
            label=label,
            icon=":material/arrow_forward:",
            query_params={state.SORT: order},
        )


def _looked_at(seen: int, matching: int) -> None:
    if seen < matching:
        st.caption(
            f"Of the newest {fmt.plural(seen, 'run')}, out of {fmt.count(matching)} that match: each is opened span by span, "
            f"{fmt.count(asked.MOST_SPANS)} spans at most. A shorter window shows others."
        )


def _cost_cells(row: ModelCost, total: float) -> dict[str, object]:
    nothing_known = row.unpriced_calls == row.calls and row.calls > 0
    known = None if nothing_known else row.spend_usd
    return {
        "Model": line(row.model, 80),
        "Share": None if nothing_known or not total else _share(row.spend_usd, total),
        "Spend": fmt.money(known, lower_bound=row.unpriced_calls > 0),
        "Calls": row.calls,
    }


def _waiting_cells(row: Bottleneck) -> dict[str, object]:
    last = f"{fmt.count(row.straggled)} of {fmt.count(row.side_by_side)}" if row.side_by_side else "–"
    return {
        "Model": line(row.model, 80),
        "Of the wait": _share(row.path_ms, row.latency_ms) if row.latency_ms else None,
        "Waited": fmt.duration(row.path_ms),
        "Per run": fmt.duration(row.path_ms / row.runs if row.runs else None),
        "Calls": row.calls,
        "Came last": last,
        "Later by": fmt.duration(row.straggled_ms / row.straggled if row.straggled else None),
    }


def _share(part: float, whole: float) -> float:
    """In whole percents, and below one in tenths: a little is not nothing."""
    share = part / whole
    return round(share, 2 if share >= 0.01 else 3)


def _middle(values: Iterable[int]) -> str:
    ordered = sorted(values)
    return fmt.count(ordered[len(ordered) // 2])
