"""Runs of strategies written by hand: stages with what they found out, and the calls in them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from composite_llm import conventions as c
from tests.otlp_traces import (
    call_attributes,
    cost_attributes,
    request_attributes,
    span,
    stage_attributes,
    usage_attributes,
)


@dataclass(frozen=True)
class Made:
    """One call: 100 tokens in, 30 out, unless it says otherwise; `cents` None: nobody knows."""

    role: str
    index: int
    model: str = "openai/gpt-4o"
    cents: int | None = 3
    tokens: tuple[int, int] = (100, 30)


@dataclass(frozen=True)
class Staged:
    name: str
    found: Mapping[str, object]
    calls: Sequence[Made] = ()
    kind: str = "propose"
    under: int | None = None
    """Which of the stages before it it stands in, counted from 0; None: the request."""
    span_type: str = c.STAGE


def run(strategy, stages, *, trace=1, start_ms=0, simulated=False, first=1, above=None):
    """Its spans: a request, below it the stages one second after the other, below each its calls. Their numbers begin
    with `first`; `above`: the span it stands in."""
    spans = [
        span(
            f"invoke_workflow composite/{strategy}",
            trace=trace,
            number=first,
            parent=above,
            start_ms=start_ms,
            duration_ms=1000 * len(stages),
            attributes=request_attributes(
                strategy,
                trace=trace,
                question="Why?",
                model_name=f"composite/{strategy}",
                answer="So.",
                simulated=simulated,
            ),
        )
    ]
    number, places = first, []
    for place, stage in enumerate(stages):
        number += 1
        at, own = start_ms + 1000 * place, number
        places.append(own)
        told = {
            key: value if isinstance(value, bool | int | float | str) else json.dumps(value)
            for key, value in stage.found.items()
        }
        attributes = stage_attributes(
            stage.kind, place, strategy, trace=trace, fan_out=len(stage.calls), simulated=simulated
        )
        spans.append(
            span(
                f"stage {stage.name}",
                trace=trace,
                number=own,
                parent=first if stage.under is None else places[stage.under],
                start_ms=at,
                duration_ms=1000,
                attributes=attributes | {c.STAGE_NAME: stage.name, c.SPAN_TYPE: stage.span_type} | told,
            )
        )
        for made in stage.calls:
            number += 1
            attributes = call_attributes(
                made.model, made.role, strategy, trace=trace, index=made.index, simulated=simulated
            )
            spans.append(
                span(
                    "chat",
                    trace=trace,
                    number=number,
                    parent=own,
                    start_ms=at,
                    duration_ms=900,
                    attributes=attributes | usage_attributes(*made.tokens) | cost_attributes(made.cents),
                )
            )
    return spans
