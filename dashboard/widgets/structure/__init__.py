"""The average run of a mode, drawn: a row a stage, role and model, with its time, its cost and its failures.

Each row's bar stands where it is under way in an average run, as in a timeline; the solid part is what the run waits
for. It is a tree of rows and cells to a screen reader, too. All text comes to the page as text (`textContent`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from dashboard import fmt
from dashboard.modes.average_run import LEFT_OVER, Row, cost_text
from dashboard.plain import line

HERE = Path(__file__).parent
MOST_OPEN = 28
"""Rows; of a larger tree only what is near the top is open at first."""

_component = component(
    "structure",
    html='<div class="structure"></div>',
    css=(HERE / "structure.css").read_text(encoding="utf-8"),
    js=(HERE / "structure.js").read_text(encoding="utf-8"),
)


def structure(
    rows: Sequence[Row],
    *,
    key: str,
    summary: str,
    colours: Mapping[str, str],
    longest_ms: float | None = None,
) -> None:
    """`colours`: by model. `longest_ms`: the length of the time axis, if another mode's shall be drawn alike."""
    _component(key=key, data=payload(rows, summary, colours, longest_ms))


def payload(
    rows: Sequence[Row], summary: str, colours: Mapping[str, str], longest_ms: float | None
) -> dict[str, Any]:
    length = max(longest_ms or 0.0, *(row.start_ms + row.length_ms for row in rows)) or 1.0
    dearest = max((row.cost_share or 0.0 for row in rows if row.depth), default=0.0) or 1.0
    parents = {row.above for row in rows}
    open_depth = 9 if len(rows) <= MOST_OPEN else 2
    return {
        "summary": summary,
        "axis": [fmt.duration(length * part) for part in (0.25, 0.5, 0.75, 1)],
        "rows": [
            {
                "depth": row.depth,
                "kind": row.kind,
                "name": row.name,
                "note": _note(row),
                "colour": colours.get(row.model, ""),
                "calls": _times(row.calls),
                "start": row.start_ms / length,
                "length": row.length_ms / length,
                "waited": min(1.0, row.waited_ms * row.of_runs / (row.length_ms * row.runs))
                if row.length_ms
                else 0.0,
                "seconds": fmt.duration(row.waited_ms) if row.waited_ms >= 0.05 else "",
                "cost": "" if row.cost_usd == 0 and not row.is_lower_bound and row.depth else cost_text(row),
                "cost_bar": (row.cost_share or 0.0) / dearest if row.depth else 0.0,
                "cost_share": fmt.share(row.cost_share, 1) if row.cost_share else "",
                "failed": fmt.share(row.failed, row.spans) if row.failed else "",
                "runs": "" if row.runs == row.of_runs else f"{row.runs:,} of {row.of_runs:,}",
                "faint": row.runs / row.of_runs,
                "is_open": row.depth < open_depth,
                "has_below": row.id in parents and row.kind != LEFT_OVER,
                "title": told(row),
            }
            for row in rows
        ],
    }


def told(row: Row) -> str:
    """All of a row in words, for who points at it."""
    tokens = f"{fmt.compact(row.input_tokens)} tokens in, {fmt.compact(row.output_tokens)} out"
    parts = [
        line(row.model or row.name, 200),
        f"in {row.runs:,} of {fmt.plural(row.of_runs, 'run')}",
        f"per run: {row.calls:.3g} calls, {cost_text(row)}, {tokens}",
        f"a run waits {fmt.duration(row.waited_ms)} for it ({fmt.share(row.waited_share, 1)})",
    ]
    if row.kind != LEFT_OVER:
        parts.append(
            f"begins after {fmt.duration(row.start_ms)}, under way for {fmt.duration(row.length_ms)}"
        )
    if row.failed:
        parts.append(f"{row.failed:,} of {row.spans:,} failed")
    return "\n".join(parts)


def _note(row: Row) -> str:
    if row.kind == "call" and row.model:
        return line(row.model.rpartition("/")[2] or row.model, 60)
    return {"request": "composite", "rlm_node": "recursion", "repl_exec": "code"}.get(row.kind, "")


def _times(calls: float) -> str:
    if not calls:
        return ""
    return f"{calls:.0f}" if calls == round(calls) else f"{calls:.1f}"
