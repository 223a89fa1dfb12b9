"""Opening the spans of composite requests: what each says of itself from its first moment.

Parents are passed explicitly: fan-outs lose ambient context easily, and a span with the
wrong parent is a wrong picture.
"""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from composite_llm import conventions as c
from composite_llm.capture import capture
from composite_llm.request.route import Route
from composite_llm.telemetry.tracer import tracer

Attributes = dict[str, AttributeValue]

_EVALUATING = {"rank", "vote", "critique", "verify"}
_MAX_LINKS = 128


@dataclass(frozen=True, slots=True)
class Identity:
    """What every span of one request says about it."""

    request_id: str
    strategy: str
    session_id: str | None = None
    user_id: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def workflow(self) -> str:
        return f"composite/{self.strategy}"

    def attributes(self) -> Attributes:
        known: Attributes = {
            c.REQUEST_ID: self.request_id,
            c.STRATEGY: self.strategy,
            c.TRACE_NAME: self.workflow,
        }
        if not (self.session_id or self.user_id or self.tags):
            return known
        words = capture().words
        if self.session_id:
            known[c.SESSION_ID] = words(self.session_id)
        if self.user_id:
            known[c.USER_ID] = words(self.user_id)
        if self.tags:
            known[c.TRACE_TAGS] = words(self.tags)
        return known


def request_span(
    identity: Identity, model_name: str, call_id: str, parent: Context, *, stream: bool = False
) -> Span:
    attributes = identity.attributes() | {
        c.SPAN_TYPE: c.REQUEST,
        c.OPERATION: c.INVOKE_WORKFLOW,
        c.OPENINFERENCE_KIND: "CHAIN",
        c.LANGFUSE_TYPE: "chain",
        c.WORKFLOW_NAME: identity.workflow,
        c.MODEL_NAME: model_name,
        c.STREAM: stream,
        c.TRACE_METADATA_STRATEGY: identity.strategy,
        c.LITELLM_CALL_ID: call_id,
    }
    if identity.session_id:
        attributes[c.CONVERSATION_ID] = attributes[c.SESSION_ID]
    name = f"{c.INVOKE_WORKFLOW} {identity.workflow}"
    return tracer().start_span(name, parent, SpanKind.INTERNAL, attributes)


def stage_span(identity: Identity, parent: Span, *, kind: str, name: str, index: int) -> Span:
    evaluating = kind in _EVALUATING
    attributes = identity.attributes() | {
        c.SPAN_TYPE: c.STAGE,
        c.OPERATION: c.STAGE_OPERATION,
        c.OPENINFERENCE_KIND: "EVALUATOR" if evaluating else "CHAIN",
        c.LANGFUSE_TYPE: "evaluator" if evaluating else "chain",
        c.STAGE_KIND: kind,
        c.STAGE_NAME: name,
        c.STAGE_INDEX: index,
    }
    return tracer().start_span(f"stage {name}", _under(parent), SpanKind.INTERNAL, attributes)


def call_span(
    identity: Identity,
    parent: Span,
    way: Route,
    *,
    call_id: str,
    role: str,
    index: int,
    attempt: int,
    hedge: bool,
    reads: Sequence[SpanContext],
) -> Span:
    attributes = call_attributes(identity, way, call_id=call_id, role=role, index=index, attempt=attempt)
    if hedge:
        attributes[c.CALL_HEDGE] = True
    links = [Link(context, {c.LINK_TYPE: c.CONSUMES}) for context in reads[:_MAX_LINKS]]
    return tracer().start_span(f"{c.CHAT} {way.model}", _under(parent), SpanKind.CLIENT, attributes, links)


def call_attributes(
    identity: Identity, way: Route, *, call_id: str, role: str, index: int, attempt: int
) -> Attributes:
    attributes = identity.attributes() | {
        c.SPAN_TYPE: c.LLM_CALL,
        c.OPERATION: c.CHAT,
        c.OPENINFERENCE_KIND: "LLM",
        c.LANGFUSE_TYPE: "generation",
        c.PROVIDER: c.PROVIDER_NAMES.get(way.provider, way.provider),
        c.REQUEST_MODEL: way.model,
        c.LITELLM_MODEL: way.name,
        c.CALL_ID: call_id,
        c.CALL_ROLE: role,
        c.CALL_INDEX: index,
        c.CALL_ATTEMPT: attempt,
    }
    if way.simulated:
        attributes |= {c.SIMULATED: True, c.SERVER_ADDRESS: "127.0.0.1"}
    return attributes


@contextmanager
def current(span: Span) -> Generator[None]:
    """Make `span` the ambient one, so that an instrumented HTTP client nests under it."""
    with trace.use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
        yield


def parent_of_request(metadata: Mapping[str, Any], headers: Mapping[str, str]) -> Context:
    """The caller's span: handed over by LiteLLM, else the ambient one, else from `traceparent`, else none."""
    handed_over = metadata.get("litellm_parent_otel_span")
    if isinstance(handed_over, Span):
        return _under(handed_over)
    if trace.get_current_span().get_span_context().is_valid:
        return _under(trace.get_current_span())
    return propagate.extract(headers, context=Context())


def outgoing(span: Span) -> dict[str, str]:
    """The headers by which a server that is called goes on with this trace; no baggage, which may be private."""
    headers: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(headers, _under(span))
    return headers


def trace_id(span: Span) -> str:
    return trace.format_trace_id(span.get_span_context().trace_id)


def _under(span: Span) -> Context:
    return trace.set_span_in_context(span, Context())
