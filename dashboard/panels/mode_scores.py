"""How good the answers of modes were, as far as an evaluator has said so."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import fmt
from dashboard.modes import asking
from dashboard.modes.asking import ModeRuns
from dashboard.plain import line

HOW = (
    "No evaluator has scored these runs, so nothing is said of how good their answers were. A score comes as an event "
    "`gen_ai.evaluation.result` on any span of the run (OpenTelemetry), with `gen_ai.evaluation.name` and "
    "`gen_ai.evaluation.score.value`. Marks that strategies give while they work, as best_of_n and judge do, choose among "
    "one run's answers and do not compare modes."
)


def mode_scores(modes: Sequence[ModeRuns]) -> None:
    found = [asking.scores(runs) for runs in modes]
    with st.container(border=True):
        st.subheader("Quality scores", anchor=False)
        names = list(dict.fromkeys(name for scores in found for name in scores))
        if not names:
            st.caption(HOW)
            return
        rows = []
        for name in names:
            cells = {"Score": line(name, 80)}
            for runs, scores in zip(modes, found, strict=True):
                known = scores.get(name)
                cells[f"{line(runs.name, 40)} mean"] = f"{known.mean:.3g}" if known else "–"
                cells[f"{line(runs.name, 40)} from – to"] = (
                    f"{known.least:.3g} – {known.most:.3g}" if known else "–"
                )
                cells[f"{line(runs.name, 40)} runs"] = fmt.count(known.runs if known else 0)
            rows.append(cells)
        frame = pd.DataFrame(rows)
        st.dataframe(
            frame,
            hide_index=True,
            height="content",
            column_config={name: st.column_config.Column(alignment="right") for name in frame.columns[1:]},
            alt="Table of scores by name: mean, least and most, and runs that have one",
        )
        st.caption(
            f"Of the newest {asking.MOST_RUNS} runs of each, at most, in the units of whoever gave them."
        )
