"""Spans of answers that were paid for before."""

import json
import uuid

from opentelemetry.trace import Link, Span, SpanContext, SpanKind

from composite_llm import conventions as c
from composite_llm.request.route import Route
from composite_llm.telemetry.spans import Identity, _under, call_attributes
from composite_llm.telemetry.tracer import tracer


def cached_call_span(
    identity: Identity, parent: Span, way: Route, *, role: str, index: int, earned_by: SpanContext
) -> Span:
    """A call that was not made, since its answer was known; `earned_by` is the span of the one that was."""
    attributes = call_attributes(
        identity, way, call_id=uuid.uuid4().hex, role=role, index=index, attempt=1
    ) | {c.CALL_OUTCOME: "cached", c.USAGE_SOURCE: "none", c.COST_SOURCE: "cache"}
    links = [Link(earned_by, {c.LINK_TYPE: c.REPEATS})]
    name = f"{c.CHAT} {way.model}"
    return tracer().start_span(name, _under(parent), SpanKind.INTERNAL, attributes, links)


def write_cache_hit(span: Span) -> None:
    """A cost of 0 in every dialect, since back ends put a price of their own on a call that tells none.

    And no usage, not even 0, which some of them would price as well.
    """
    parts, named = {"input": 0.0, "output": 0.0, "total": 0.0}, {"input_cost": 0.0, "output_cost": 0.0}
    zero = dict.fromkeys(
        (c.COST_USD, c.GEN_AI_COST, c.LLM_COST_TOTAL, c.LLM_COST_PROMPT, c.LLM_COST_COMPLETION), 0.0
    )
    span.set_attributes(
        zero | {c.LANGFUSE_COST: json.dumps(parts), c.MLFLOW_COST: json.dumps(named | {"total_cost": 0.0})}
    )


def write_panel(span: Span, key: str, use: str) -> None:
    """`use`: new | hit | miss."""
    span.set_attributes({c.PANEL_KEY: key[:16], c.PANEL_CACHE: use})


def write_tool_policy(span: Span, policy: str) -> None:
    span.set_attribute(c.TOOL_POLICY, policy)
