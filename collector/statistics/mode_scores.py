"""What evaluators made of a mode's answers, as far as they said so in the runs' own traces."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from collector.mode_queries import NewestRuns
from collector.statistics.mode_structure import spans_of
from collector.statistics.observed import as_table
from collector.statistics.spent import REAL, TEXT, WHOLE
from collector.statistics.tallies import mean
from collector.store.interface import Answers
from composite_llm import conventions as c

SCORES = pa.schema({"name": TEXT, "scores": WHOLE, "runs": WHOLE, "mean": REAL, "least": REAL, "most": REAL})


def mode_scores(store: Answers, asked: NewestRuns) -> pa.Table:
    """One row per name under which the newest runs were scored, the most used first: name, scores, runs (that have one),
    and of the scores mean, least and most, in whatever unit their evaluator uses. A score is an event
    gen_ai.evaluation.result of any span (OpenTelemetry's semantic conventions for generative AI)."""
    table = spans_of(store, asked)
    if table is None:
        return as_table([], SCORES)
    found: dict[str, list[tuple[str, float]]] = {}
    for trace_id, told in zip(table["trace_id"].to_pylist(), table["evaluations"].to_pylist(), strict=True):
        for name, score in _scores(told) if told else ():
            found.setdefault(name, []).append((trace_id, score))
    rows = [
        {
            "name": name,
            "scores": len(scores),
            "runs": len({trace_id for trace_id, _ in scores}),
            "mean": mean(score for _, score in scores),
            "least": min(score for _, score in scores),
            "most": max(score for _, score in scores),
        }
        for name, scores in found.items()
    ]
    return as_table(sorted(rows, key=lambda row: (-row["scores"], row["name"])), SCORES)


def _scores(told: str) -> Iterator[tuple[str, float]]:
    """Names and values; a label alone is no number."""
    for event in json.loads(told):
        if event["name"] != c.EVALUATION_RESULT:
            continue
        attributes: Mapping[str, Any] = event.get("attributes") or {}
        match attributes.get(c.EVALUATION_SCORE):
            case bool():
                continue
            case int() | float() as score if math.isfinite(score):
                yield str(attributes.get(c.EVALUATION_NAME) or "score"), float(score)
            case _:
                continue
