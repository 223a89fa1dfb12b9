"""What a span learns while its work goes on: parameters, answer, usage, cost, failure."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry.trace import Span, Status, StatusCode

from composite_llm import content
from composite_llm import conventions as c
from composite_llm.accounting.budget import Budget
from composite_llm.accounting.ledger import CallRecord, Cost, Ledger, Usage
from composite_llm.accounting.prices import price_version
from composite_llm.capture import capture
from composite_llm.engine.transport import Choice
from composite_llm.json_text import json_text
from composite_llm.redaction import without_secrets
from composite_llm.request.route import Route
from composite_llm.telemetry.spans import Attributes


def write_request_parameters(span: Span, parameters: Mapping[str, Any]) -> None:
    numbers = {
        "temperature": c.REQUEST_TEMPERATURE,
        "top_p": c.REQUEST_TOP_P,
        "max_tokens": c.REQUEST_MAX_TOKENS,
        "seed": c.REQUEST_SEED,
        "frequency_penalty": c.REQUEST_FREQUENCY_PENALTY,
        "presence_penalty": c.REQUEST_PRESENCE_PENALTY,
    }
    told: Attributes = {
        key: parameters[name]
        for name, key in numbers.items()
        if isinstance(parameters.get(name), int | float)
    }
    if stop := parameters.get("stop"):
        stops = [stop] if isinstance(stop, str) else list(map(str, stop))
        told[c.REQUEST_STOP] = capture().words(stops)
    if isinstance(parameters.get("reasoning_effort"), str):
        told[c.REQUEST_REASONING] = parameters["reasoning_effort"]
    span.set_attributes(told)


def write_response(span: Span, response: Any, way: Route) -> None:  # a LiteLLM ModelResponse
    reasons = [choice.finish_reason or "" for choice in response.choices]
    model = (response.model or way.model).removeprefix(f"{way.provider}/")
    span.set_attributes(
        {c.RESPONSE_ID: response.id or "", c.RESPONSE_FINISH_REASONS: reasons, c.RESPONSE_MODEL: model}
    )


def write_usage(span: Span, usage: Usage | None, *, refused: bool) -> None:
    if usage is None:
        span.set_attribute(c.USAGE_SOURCE, "none" if refused else "missing")
        return
    # Langfuse adds its buckets up, so they must not overlap, nor go below zero when a provider's details do.
    buckets = {
        "input": max(0, usage.input - usage.cached - usage.cache_write),
        "input_cached_tokens": usage.cached,
        "input_cache_creation": usage.cache_write,
        "output": max(0, usage.output - usage.reasoning),
        "output_reasoning_tokens": usage.reasoning,
        "total": usage.input + usage.output,
    }
    span.set_attributes(
        {
            c.USAGE_SOURCE: "estimated" if usage.estimated else "provider",
            c.INPUT_TOKENS: usage.input,
            c.OUTPUT_TOKENS: usage.output,
            c.CACHE_READ_TOKENS: usage.cached,
            c.CACHE_WRITE_TOKENS: usage.cache_write,
            c.CACHE_CREATION_TOKENS: usage.cache_write,
            c.REASONING_TOKENS: usage.reasoning,
            c.LLM_REASONING_TOKENS: usage.reasoning,
            c.LANGFUSE_USAGE: json_text(buckets),
        }
    )


def write_cost(span: Span, cost: Cost | None) -> None:
    if cost is None:
        span.set_attribute(c.COST_SOURCE, "unknown")
        return
    span.set_attributes(
        {
            **_priced_by(cost),
            c.COST_USD: cost.total,
            c.GEN_AI_COST: cost.total,
            c.LLM_COST_TOTAL: cost.total,
            c.LANGFUSE_COST: _known(input=cost.input, output=cost.output, total=cost.total),
            c.MLFLOW_COST: _known(input_cost=cost.input, output_cost=cost.output, total_cost=cost.total),
        }
    )
    if cost.input is not None and cost.output is not None:
        span.set_attributes({c.LLM_COST_PROMPT: cost.input, c.LLM_COST_COMPLETION: cost.output})


def _priced_by(cost: Cost) -> Attributes:
    if cost.by_provider:
        return {c.COST_SOURCE: "provider"}
    if cost.own_price:
        return {c.COST_SOURCE: "own", c.PRICE_VERSION: cost.own_price}
    return {c.COST_SOURCE: "litellm", c.PRICE_VERSION: price_version()}


def _known(**amounts: float | None) -> str:
    return json_text({name: usd for name, usd in amounts.items() if usd is not None})


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


def write_as_stage(span: Span, call: CallRecord) -> None:
    """Of a call whose answer was made of calls that are recorded below it: they alone are to be added up."""
    span.set_attributes(
        {
            c.SPAN_TYPE: c.STAGE,
            c.OPERATION: c.STAGE_OPERATION,
            c.OPENINFERENCE_KIND: "CHAIN",
            c.LANGFUSE_TYPE: "chain",
            c.STAGE_KIND: "composite",
            c.STAGE_NAME: call.model,
        }
    )
    write_rollup(span, Ledger(calls=[call]))


def write_input(span: Span, messages: Sequence[content.Message], *, as_call: bool) -> None:
    """The conversation that went in; `as_call` adds the form back ends read from model calls only."""
    kept = capture().messages(messages)
    if kept is None:
        return
    told: Attributes = {c.INPUT_VALUE: content.openai_messages(kept), c.INPUT_MIME: "application/json"}
    if content.is_cut(kept):
        told[c.CONTENT_TRUNCATED] = True
    if as_call:
        told[c.INPUT_MESSAGES] = content.input_messages(kept)
    span.set_attributes(told)


def write_output(span: Span, choices: Sequence[Choice], *, as_call: bool) -> None:
    """The answer, or answers; the first one is what people read."""
    kept = capture().messages([choice.message for choice in choices])
    if kept is None:
        return
    value, mime = content.output_value(kept[0])
    told: Attributes = {c.OUTPUT_VALUE: value, c.OUTPUT_MIME: mime}
    if content.is_cut(kept):
        told[c.CONTENT_TRUNCATED] = True
    if as_call:
        answers = [(message, choice.finish_reason) for message, choice in zip(kept, choices, strict=True)]
        told[c.OUTPUT_MESSAGES] = content.output_messages(answers)
    span.set_attributes(told)


def warn(span: Span, message: str) -> None:
    """Say that part of the work failed though the whole went on."""
    span.set_attributes({c.LANGFUSE_LEVEL: "WARNING", c.LANGFUSE_STATUS_MESSAGE: _told(message)})


def fail(span: Span, error: BaseException, error_type: str | None = None, message: str | None = None) -> None:
    """Mark `span` as failed."""
    span.set_attribute(c.ERROR_TYPE, error_type or _name(error))
    span.set_status(Status(StatusCode.ERROR, _told(message or str(error))))


def escapes(span: Span, error: BaseException) -> None:
    """Note the exception the client gets. Without its stack trace, whose lines may hold keys."""
    told = {"exception.type": _name(error), "exception.message": _told(str(error))}
    span.add_event("exception", told)


def _told(message: str) -> str:
    """Never a key, whatever the setting: nobody put it there on purpose."""
    return capture().error(without_secrets(message))


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"


def write_config(span: Span, config: str) -> None:
    """A short hash that is equal for runs of one configuration."""
    span.set_attribute(c.CONFIG_HASH, hashlib.sha256(config.encode()).hexdigest()[:16])


def write_note(span: Span, key: str, value: Any) -> None:
    """What a strategy has to say about a stage; structures are written as JSON."""
    kept = capture().words(value)
    span.set_attribute(key, kept if isinstance(kept, str | int | float) else json_text(kept))


def write_outcome(span: Span, outcome: str) -> None:
    span.set_attribute(c.CALL_OUTCOME, outcome)


def write_queue(span: Span, waited_s: float) -> None:
    span.set_attribute(c.CALL_QUEUE_MS, round(waited_s * 1000))


def write_stop_reason(span: Span, reason: str) -> None:
    span.set_attribute(c.STOP_REASON, reason)


def write_fan_out(span: Span, widest: int, asked: int, answered: int, left_behind: int) -> None:
    span.set_attributes(
        {
            c.STAGE_FAN_OUT: widest,
            c.STAGE_SUCCEEDED: answered,
            c.STAGE_FAILED: asked - answered - left_behind,
            c.STAGE_LEFT_BEHIND: left_behind,
        }
    )


def write_degraded(span: Span, degraded: bool, reasons: Sequence[str] = ()) -> None:
    """Only where it is so, like a warning."""
    if degraded:
        span.set_attribute(c.DEGRADED, True)
    if reasons:
        span.set_attribute(c.DEGRADED_REASONS, list(map(_told, reasons)))


def write_budget(span: Span, budget: Budget) -> None:
    """The limits of the request, and what could not be done within them."""
    if not budget.limited:
        return
    limits = budget.limits
    given = {
        c.BUDGET_USD: limits.max_cost_usd,
        c.BUDGET_CALLS: limits.max_calls,
        c.BUDGET_TOKENS: limits.max_tokens,
    }
    span.set_attributes({key: most for key, most in given.items() if most is not None})
    span.set_attributes({c.BUDGET_REFUSED: budget.refused, c.BUDGET_SHORTENED: budget.shortened})
