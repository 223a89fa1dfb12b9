"""Two modes side by side: in words, measure by measure, and their average runs on one scale of time."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.answers import Totals
from dashboard.answers.modes import Measure
from dashboard.charts import spread as charts
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.modes.average_run import rows_of
from dashboard.modes.comparing import errors_sentence, ratio, sentence, times
from dashboard.panels.mode_scores import mode_scores
from dashboard.panels.mode_structure import mode_structure
from dashboard.panels.notices import simulated_among
from dashboard.panels.open_in_sql import open_in_sql
from dashboard.panels.trends import CONFIG
from dashboard.plain import in_markdown, line

COLOURS = ("#4C78DB", "#EE8A3C")
Measures = Mapping[str, Measure]


def mode_compare(one: ModeRuns, other: ModeRuns) -> None:
    totals = asking.totals(one), asking.totals(other)
    if not (totals[0].runs and totals[1].runs):
        _nothing_to_compare(one, other, *totals)
        return
    measures = asking.measures(one), asking.measures(other)
    _in_words(one.name, other.name, *measures, *totals)
    with st.grid(2, min_column_width=370, gap="small"):
        for name in charts.KINDS:
            _spreads(name, one, other, *measures)
    _table(one.name, other.name, *measures, *totals)
    mode_scores((one, other))
    longest_ms = max(
        (row.start_ms + row.length_ms for runs in (one, other) for row in rows_of(asking.structure(runs))),
        default=0.0,
    )
    for runs in (one, other):
        mode_structure(runs, title=f"The average run of {in_markdown(runs.name, 60)}", longest_ms=longest_ms)


def _nothing_to_compare(one: ModeRuns, other: ModeRuns, totals: Totals, other_totals: Totals) -> None:
    missing = [
        in_markdown(runs.name, 80) for runs, found in ((one, totals), (other, other_totals)) if not found.runs
    ]
    with st.container(border=True):
        st.subheader("Nothing to compare", anchor=False)
        st.write(f"No run of {' and none of '.join(missing)} began in this window, with these filters.")


def _in_words(
    name: str, other_name: str, one: Measures, other: Measures, totals: Totals, other_totals: Totals
) -> None:
    names = in_markdown(name, 60), in_markdown(other_name, 60)
    said = [
        sentence(*names, one[measure], other[measure])
        for measure in charts.KINDS
        if measure in one and measure in other
    ]
    said.append(errors_sentence(*names, totals, other_totals))
    with st.container(border=True):
        st.markdown("\n".join(f"- {each}".replace("$", "\\$") for each in said))
        for which, measures, found in ((names[0], one, totals), (names[1], other, other_totals)):
            known = measures["cost_usd"].runs if "cost_usd" in measures else 0
            if known < found.runs:
                st.caption(
                    f"The cost of {fmt.plural(found.runs - known, 'run')} of {which} is not known whole; "
                    "costs are compared without them."
                )
        simulated_among(totals.simulated_runs + other_totals.simulated_runs, totals.runs + other_totals.runs)
        st.caption(
            "Typical is the median. How far a difference is certain is worked out from the runs' ranks alone, so few "
            "runs, and runs of other questions, say little: the two were not asked the same.",
            help="Each median lies in its interval with 97.5 % certainty (sign test), their ratio with 95 %. Shares of "
            "errors: Newcombe's interval.",
        )


def _spreads(name: str, one: ModeRuns, other: ModeRuns, measures: Measures, others: Measures) -> None:
    kind = charts.KINDS[name]
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(kind.name, anchor=False, width="content")
            st.space("stretch")
            open_in_sql("run_measures", **one.parameters())
        found = [
            (runs.name, spreads[name], colour)
            for runs, spreads, colour in zip((one, other), (measures, others), COLOURS, strict=True)
            if name in spreads
        ]
        if len(found) < 2:
            st.caption("The cost of no run of one of them is known, so they cannot be compared by it.")
            return
        st.plotly_chart(
            charts.boxes(found),
            config=CONFIG,
            key=f"boxes-{name}",
            alt=f"{kind.name} of both modes: the middle 90 % of runs, the middle half, the median and the mean",
        )


def _table(
    name: str, other_name: str, one: Measures, other: Measures, totals: Totals, other_totals: Totals
) -> None:
    rows = [_row(measure, name, other_name, one, other) for measure in charts.KINDS]
    rows.append(
        {
            "": "Runs with errors",
            **{
                f"{which} {what}": value
                for which, found in ((line(name, 40), totals), (line(other_name, 40), other_totals))
                for what, value in (
                    ("median", ""),
                    ("mean", fmt.share(found.runs_with_errors, found.runs)),
                    ("p95", ""),
                )
            },
            "Ratio of medians": "",
        }
    )
    with st.expander("All figures", icon=":material/table:"):
        frame = pd.DataFrame(rows)
        st.dataframe(
            frame,
            hide_index=True,
            height="content",
            column_config={
                column: st.column_config.Column(alignment="right") for column in frame.columns[1:]
            },
            alt="Table of both modes: median, mean and 95th percentile of each measure, and the ratio of the medians",
        )


def _row(measure: str, name: str, other_name: str, one: Measures, other: Measures) -> dict[str, str]:
    kind = charts.KINDS[measure]
    cells = {"": kind.name}
    for which, measures in ((name, one), (other_name, other)):
        found = measures.get(measure)
        for what, value in (
            ("median", found and found.p50),
            ("mean", found and found.mean),
            ("p95", found and found.p95),
        ):
            cells[f"{line(which, 40)} {what}"] = kind.write(value) if found else fmt.UNKNOWN
    known = ratio(one[measure], other[measure]) if measure in one and measure in other else None
    cells["Ratio of medians"] = times(known.value) if known else "–"
    return cells
