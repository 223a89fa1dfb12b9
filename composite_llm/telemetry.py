"""Spans of composite requests, stages and calls: the only file that touches OpenTelemetry.

Only its API is used. Where spans go is decided by a tracer provider that is looked up by
name among the installed ones (`opentelemetry_tracer_provider`), so this package does not
depend on the one that stores them. Parents are passed explicitly: fan-outs lose ambient
context easily, and a span with the wrong parent is a wrong picture.
"""

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points, version
from typing import Any

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.util.types import AttributeValue

from composite_llm import content, settings
from composite_llm import conventions as c
from composite_llm.ledger import Cost, Ledger, Usage
from composite_llm.prices import price_version
from composite_llm.redaction import without_secrets
from composite_llm.route import Route

Attributes = dict[str, AttributeValue]

_EVALUATING = {"rank"}
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
        if self.session_id:
            known[c.SESSION_ID] = self.session_id
        if self.user_id:
            known[c.USER_ID] = self.user_id
        if self.tags:
            known[c.TRACE_TAGS] = self.tags
        return known


def use_tracer_provider(provider: trace.TracerProvider) -> None:
    """Send this process's spans to `provider` instead of the installed one."""
    global _tracer
    _tracer = _scoped(provider)


def tracer() -> trace.Tracer:
    global _tracer
    if _tracer is None:
        _tracer = _scoped(_installed_provider())
    return _tracer


_tracer: trace.Tracer | None = None


def request_span(
    identity: Identity, model_name: str, config: Mapping[str, Any], call_id: str, parent: Context
) -> Span:
    attributes = identity.attributes() | {
        c.SPAN_TYPE: c.REQUEST,
        c.OPERATION: "invoke_workflow",
        c.OPENINFERENCE_KIND: "CHAIN",
        c.LANGFUSE_TYPE: "chain",
        c.WORKFLOW_NAME: identity.workflow,
        c.MODEL_NAME: model_name,
        c.CONFIG_HASH: _hash_of(config),
        c.TRACE_METADATA_STRATEGY: identity.strategy,
        c.LITELLM_CALL_ID: call_id,
    }
    if identity.session_id:
        attributes[c.CONVERSATION_ID] = identity.session_id
    name = f"invoke_workflow {identity.workflow}"
    return tracer().start_span(name, parent, SpanKind.INTERNAL, attributes)


def stage_span(identity: Identity, parent: Span, *, kind: str, name: str, index: int) -> Span:
    evaluating = kind in _EVALUATING
    attributes = identity.attributes() | {
        c.SPAN_TYPE: c.STAGE,
        c.OPERATION: "composite.stage",
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
    reads: Sequence[SpanContext],
) -> Span:
    attributes = identity.attributes() | {
        c.SPAN_TYPE: c.LLM_CALL,
        c.OPERATION: "chat",
        c.OPENINFERENCE_KIND: "LLM",
        c.LANGFUSE_TYPE: "generation",
        c.PROVIDER: way.provider,
        c.REQUEST_MODEL: way.model,
        c.LITELLM_MODEL: way.name,
        c.CALL_ID: call_id,
        c.CALL_ROLE: role,
        c.CALL_INDEX: index,
        c.CALL_ATTEMPT: attempt,
    }
    if way.simulated:
        attributes[c.SIMULATED] = True
    links = [Link(context, {c.LINK_TYPE: c.CONSUMES}) for context in reads[:_MAX_LINKS]]
    return tracer().start_span(f"chat {way.model}", _under(parent), SpanKind.CLIENT, attributes, links)


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


def trace_id(span: Span) -> str:
    return trace.format_trace_id(span.get_span_context().trace_id)


def write_request_parameters(span: Span, parameters: Mapping[str, Any]) -> None:
    keys = {
        "temperature": c.REQUEST_TEMPERATURE,
        "top_p": c.REQUEST_TOP_P,
        "max_tokens": c.REQUEST_MAX_TOKENS,
        "seed": c.REQUEST_SEED,
    }
    for name, key in keys.items():
        if isinstance(parameters.get(name), int | float):
            span.set_attribute(key, parameters[name])


def write_response(span: Span, response: Any, way: Route) -> None:  # a LiteLLM ModelResponse
    reasons = [choice.finish_reason or "" for choice in response.choices]
    span.set_attributes({c.RESPONSE_ID: response.id or "", c.RESPONSE_FINISH_REASONS: reasons})
    span.set_attribute(c.RESPONSE_MODEL, (response.model or way.model).removeprefix(f"{way.provider}/"))


def write_usage(span: Span, usage: Usage | None) -> None:
    if usage is None:
        span.set_attribute(c.USAGE_SOURCE, "missing")
        return
    fresh = usage.input - usage.cached - usage.cache_write
    buckets = {
        "input": fresh,
        "input_cached_tokens": usage.cached,
        "input_cache_creation": usage.cache_write,
        "output": usage.output - usage.reasoning,
        "output_reasoning_tokens": usage.reasoning,
        "total": usage.input + usage.output,
    }
    span.set_attributes(
        {
            c.USAGE_SOURCE: "provider",
            c.INPUT_TOKENS: usage.input,
            c.OUTPUT_TOKENS: usage.output,
            c.CACHE_READ_TOKENS: usage.cached,
            c.CACHE_WRITE_TOKENS: usage.cache_write,
            c.CACHE_CREATION_TOKENS: usage.cache_write,
            c.REASONING_TOKENS: usage.reasoning,
            c.LLM_REASONING_TOKENS: usage.reasoning,
            c.LANGFUSE_USAGE: json.dumps(buckets),
        }
    )


def write_cost(span: Span, cost: Cost | None) -> None:
    if cost is None:
        span.set_attribute(c.COST_SOURCE, "unknown")
        return
    langfuse = {"input": cost.input, "output": cost.output, "total": cost.total}
    mlflow = {"input_cost": cost.input, "output_cost": cost.output, "total_cost": cost.total}
    span.set_attributes(
        {
            c.COST_SOURCE: "litellm",
            c.PRICE_VERSION: price_version(),
            c.COST_USD: cost.total,
            c.GEN_AI_COST: cost.total,
            c.LLM_COST_PROMPT: cost.input,
            c.LLM_COST_COMPLETION: cost.output,
            c.LLM_COST_TOTAL: cost.total,
            c.LANGFUSE_COST: json.dumps(langfuse),
            c.MLFLOW_COST: json.dumps(mlflow),
        }
    )


def write_rollup(span: Span, ledger: Ledger) -> None:
    usage = ledger.usage
    span.set_attributes(
        {
            c.ROLLUP_CALLS: len(ledger.calls),
            c.ROLLUP_INPUT_TOKENS: usage.input,
            c.ROLLUP_OUTPUT_TOKENS: usage.output,
            c.ROLLUP_REASONING_TOKENS: usage.reasoning,
            c.ROLLUP_COST_STATUS: ledger.cost_status,
            c.ROLLUP_ERRORS: ledger.failures,
        }
    )
    if ledger.cost_status != "unknown":
        span.set_attribute(c.ROLLUP_COST_USD, ledger.known_cost_usd)
    if any(call.simulated for call in ledger.calls):
        span.set_attribute(c.SIMULATED, True)


def write_input(span: Span, messages: Sequence[content.Message], *, as_call: bool) -> None:
    """The conversation that went in; `as_call` adds the form back ends read from model calls only."""
    if settings.load().content == "none":
        return
    value, cut = content.openai_messages(messages)
    span.set_attributes({c.INPUT_VALUE: value, c.INPUT_MIME: "application/json"})
    if cut:
        span.set_attribute(c.CONTENT_TRUNCATED, True)
    if as_call:
        span.set_attribute(c.INPUT_MESSAGES, content.input_messages(messages))


def write_output(span: Span, message: content.Message, finish_reason: str, *, as_call: bool) -> None:
    if settings.load().content == "none":
        return
    value, mime = content.output_value(message)
    span.set_attributes({c.OUTPUT_VALUE: value, c.OUTPUT_MIME: mime})
    if as_call:
        span.set_attribute(c.OUTPUT_MESSAGES, content.output_messages(message, finish_reason))


def warn(span: Span, message: str) -> None:
    """Say that part of the work failed though the whole went on."""
    span.set_attributes({c.LANGFUSE_LEVEL: "WARNING", c.LANGFUSE_STATUS_MESSAGE: message})


def fail(span: Span, error: BaseException, error_type: str | None = None, message: str | None = None) -> None:
    """Mark `span` as failed."""
    kind = type(error)
    span.set_attribute(c.ERROR_TYPE, error_type or f"{kind.__module__}.{kind.__qualname__}")
    span.set_status(Status(StatusCode.ERROR, message or without_secrets(str(error))))


def write_outcome(span: Span, outcome: str) -> None:
    span.set_attribute(c.CALL_OUTCOME, outcome)


def write_council(span: Span, ballots: Sequence[Mapping[str, Any]], mean_ranks: Mapping[int, float]) -> None:
    span.set_attributes(
        {c.COUNCIL_BALLOTS: json.dumps(ballots), c.COUNCIL_MEAN_RANKS: json.dumps(mean_ranks)}
    )


def write_stop_reason(span: Span, reason: str) -> None:
    span.set_attribute(c.STOP_REASON, reason)


def write_fan_out(span: Span, asked: int, answered: int) -> None:
    span.set_attributes(
        {c.STAGE_FAN_OUT: asked, c.STAGE_SUCCEEDED: answered, c.STAGE_FAILED: asked - answered}
    )


def _under(span: Span) -> Context:
    return trace.set_span_in_context(span, Context())


def _scoped(provider: trace.TracerProvider) -> trace.Tracer:
    return provider.get_tracer(
        c.SCOPE_NAME, version("composite-llm"), attributes={"composite.contract.version": c.CONTRACT_VERSION}
    )


def _installed_provider() -> trace.TracerProvider:
    for found in entry_points(group="opentelemetry_tracer_provider", name="composite_llm"):
        return found.load()()
    return trace.get_tracer_provider()


@cache
def _hash_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _hash_of(config: Mapping[str, Any]) -> str:
    return _hash_of_text(json.dumps(config, sort_keys=True, default=str))
