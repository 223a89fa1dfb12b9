"""How a request stands to others: the profile it came by, the composites around it, the plain one beside it."""

from opentelemetry import trace
from opentelemetry.trace import Span

from composite_llm import conventions as c


def write_profile(span: Span, name: str, profile_hash: str) -> None:
    span.set_attributes({c.PROFILE_NAME: name, c.PROFILE_HASH: profile_hash})


def write_depth(span: Span, depth: int) -> None:
    """0 for a client's own request."""
    span.set_attribute(c.DEPTH, depth)


def link_baseline(composite: Span, plain: Span, *, model: str, sample_rate: float) -> None:
    """Both ways, by attribute and by link, since each reader of traces knows one of them."""
    ours, theirs = composite.get_span_context(), plain.get_span_context()
    told = {c.BASELINE_MODEL: model, c.BASELINE_RATE: sample_rate}
    composite.set_attributes({c.BASELINE_TRACE: trace.format_trace_id(theirs.trace_id), **told})
    composite.add_link(theirs, {c.LINK_TYPE: c.BASELINE})
    plain.set_attributes({c.BASELINE_OF: trace.format_trace_id(ours.trace_id), **told})
    plain.add_link(ours, {c.LINK_TYPE: c.BASELINE})
