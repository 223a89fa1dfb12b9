"""What a span learns while its work goes on: parameters, answer, usage, cost, failure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.trace import Span, Status, StatusCode

from composite_llm import content, settings
from composite_llm import conventions as c
from composite_llm.ledger import Cost, Ledger, Usage
from composite_llm.prices import price_version
from composite_llm.redaction import without_secrets
from composite_llm.route import Route


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
