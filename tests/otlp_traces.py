"""OTLP requests written by hand: example traces whose numbers a reader can add up.

Times are whole milliseconds from `NOON`, money is whole cents, ids are small integers. Every builder
takes the `trace` number and the `start_ns` of the trace, so a test may place as many as it needs.

| trace           | runs      | calls | cents | tokens in/out | latency  |
|-----------------|-----------|-------|-------|---------------|----------|
| `moa_trace`     | moa       | 4     | 10    | 1000 / 100    | 3,000 ms |
| `council_trace` | council   | 5     | 15    | 500 / 150     | 6,000 ms |
| `failed_trace`  | moa       | 2     | none  | none          | 500 ms   |
| `foreign_trace` | no strategy | 1   | unpriced | 70 / 7     | 700 ms   |
"""

import json
from collections.abc import Iterable, Mapping

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from composite_llm import conventions as c

NOON = 1_790_510_400_000_000_000
"""2026-09-27 12:00:00 UTC in nanoseconds."""
MS = 1_000_000
SECOND = 1000 * MS
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND

QUESTION = "Why is the sky blue?"
RESOURCE = {"service.name": "composite-llm", "service.version": "0.1.0"}


def trace_hex(trace: int) -> str:
    return f"{trace:032x}"


def span_hex(number: int) -> str:
    return f"{number:016x}"


def any_value(value: object) -> AnyValue:
    match value:
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case str():
            return AnyValue(string_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case Mapping():
            return AnyValue(kvlist_value=KeyValueList(values=key_values(value)))
        case Iterable():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
    raise TypeError(f"no OTLP value for {value!r}")


def key_values(attributes: Mapping[str, object]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def span(
    name: str,
    *,
    trace: int = 1,
    number: int = 1,
    parent: int | None = None,
    start_ns: int = NOON,
    start_ms: float = 0,
    duration_ms: float = 1,
    attributes: Mapping[str, object] | None = None,
    kind: int = Span.SPAN_KIND_INTERNAL,
    error: str | None = None,
    events: Iterable[Span.Event] = (),
    links: Iterable[Span.Link] = (),
) -> Span:
    """Span `number` of `trace`, `start_ms` after the trace's `start_ns`; `error` is its status message."""
    start = start_ns + round(start_ms * MS)
    status = Status() if error is None else Status(code=Status.STATUS_CODE_ERROR, message=error)
    return Span(
        trace_id=trace.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        parent_span_id=b"" if parent is None else parent.to_bytes(8, "big"),
        name=name,
        kind=kind,
        start_time_unix_nano=start,
        end_time_unix_nano=start + round(duration_ms * MS),
        attributes=key_values(attributes or {}),
        status=status,
        events=events,
        links=links,
    )


def link(trace: int, number: int) -> Span.Link:
    """From a call that read an answer to the call that wrote it."""
    return Span.Link(
        trace_id=trace.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        attributes=key_values({c.LINK_TYPE: c.CONSUMES}),
    )


def exception_event(kind: str, message: str, *, at_ns: int = NOON) -> Span.Event:
    return Span.Event(
        name="exception",
        time_unix_nano=at_ns,
        attributes=key_values({"exception.type": kind, "exception.message": message}),
    )


def export_request(
    spans: Iterable[Span],
    *,
    resource: Mapping[str, object] = RESOURCE,
    scope: str = c.SCOPE_NAME,
) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add()
    resource_spans.resource.attributes.extend(key_values(resource))
    scope_spans = resource_spans.scope_spans.add()
    scope_spans.scope.name = scope
    scope_spans.scope.version = "0.1.0"
    scope_spans.spans.extend(spans)
    return request


def common(
    span_type: str, strategy: str, *, trace: int, operation: str, kind: str, simulated: bool
) -> dict[str, object]:
    """What every span of ours carries (spans of the contract, rule R2)."""
    attributes: dict[str, object] = {
        c.OPERATION: operation,
        c.OPENINFERENCE_KIND: kind,
        c.LANGFUSE_TYPE: {"CHAIN": "chain", "LLM": "generation", "EVALUATOR": "evaluator"}[kind],
        c.SPAN_TYPE: span_type,
        c.REQUEST_ID: f"request-{trace}",
        c.STRATEGY: strategy,
        c.TRACE_NAME: f"composite/{strategy}",
    }
    return attributes | ({c.SIMULATED: True} if simulated else {})


def request_attributes(
    strategy: str, *, trace: int, question: str, model_name: str, simulated: bool, answer: str | None
) -> dict[str, object]:
    asked = json.dumps([{"role": "user", "content": question}])
    attributes = common(
        c.REQUEST, strategy, trace=trace, operation="invoke_workflow", kind="CHAIN", simulated=simulated
    ) | {
        c.WORKFLOW_NAME: strategy,
        c.MODEL_NAME: model_name,
        c.TRACE_METADATA_STRATEGY: strategy,
        c.STOP_REASON: "error" if answer is None else "complete",
        c.INPUT_VALUE: asked,
        c.INPUT_MIME: "application/json",
    }
    return attributes | ({} if answer is None else {c.OUTPUT_VALUE: answer, c.OUTPUT_MIME: "text/plain"})


def stage_attributes(
    kind: str,
    index: int,
    strategy: str,
    *,
    trace: int,
    fan_out: int,
    failed: int = 0,
    simulated: bool = False,
) -> dict[str, object]:
    openinference = "EVALUATOR" if kind == "rank" else "CHAIN"
    return common(
        c.STAGE,
        strategy,
        trace=trace,
        operation="composite.stage",
        kind=openinference,
        simulated=simulated,
    ) | {
        c.STAGE_KIND: kind,
        c.STAGE_INDEX: index,
        c.STAGE_NAME: f"{strategy}.{kind}",
        c.STAGE_FAN_OUT: fan_out,
        c.STAGE_SUCCEEDED: fan_out - failed,
        c.STAGE_FAILED: failed,
    }


def call_attributes(
    model: str,
    role: str,
    strategy: str,
    *,
    trace: int,
    index: int = 0,
    simulated: bool = False,
    outcome: str = "ok",
    prompt: str = QUESTION,
    answer: str | None = None,
) -> dict[str, object]:
    """A call to `provider/model` before its usage and cost are known."""
    provider, bare_model = model.split("/", 1)
    asked = [{"role": "user", "content": prompt}]
    attributes = common(
        c.LLM_CALL, strategy, trace=trace, operation="chat", kind="LLM", simulated=simulated
    ) | {
        c.PROVIDER: provider,
        c.REQUEST_MODEL: bare_model,
        c.LITELLM_MODEL: model,
        c.CALL_ROLE: role,
        c.CALL_INDEX: index,
        c.CALL_ATTEMPT: 1,
        c.CALL_OUTCOME: outcome,
        c.INPUT_MESSAGES: json.dumps([{"role": "user", "parts": [{"type": "text", "content": prompt}]}]),
        c.INPUT_VALUE: json.dumps(asked),
        c.INPUT_MIME: "application/json",
    }
    if answer is None:
        return attributes
    parts = [{"type": "text", "content": answer}]
    return attributes | {
        c.RESPONSE_MODEL: bare_model,
        c.RESPONSE_FINISH_REASONS: ["stop"],
        c.OUTPUT_MESSAGES: json.dumps([{"role": "assistant", "parts": parts, "finish_reason": "stop"}]),
        c.OUTPUT_VALUE: answer,
        c.OUTPUT_MIME: "text/plain",
    }


def usage_attributes(
    input_tokens: int, output_tokens: int, *, cached: int = 0, reasoning: int = 0
) -> dict[str, object]:
    attributes: dict[str, object] = {
        c.USAGE_SOURCE: "provider",
        c.INPUT_TOKENS: input_tokens,
        c.OUTPUT_TOKENS: output_tokens,
    }
    if cached:
        attributes[c.CACHE_READ_TOKENS] = cached
    if reasoning:
        attributes[c.REASONING_TOKENS] = reasoning
    return attributes


def cost_attributes(cents: int | None) -> dict[str, object]:
    """None is a call nobody could price: no cost key at all."""
    if cents is None:
        return {c.COST_SOURCE: "unknown"}
    usd = cents / 100
    return {
        c.COST_SOURCE: "litellm",
        c.PRICE_VERSION: "prices-1",
        c.COST_USD: usd,
        c.GEN_AI_COST: usd,
        c.LLM_COST_TOTAL: usd,
        c.LANGFUSE_COST: json.dumps({"total": usd}),
        c.MLFLOW_COST: json.dumps({"total_cost": usd}),
    }


def rollup_attributes(calls: int, cents: int, input_tokens: int, output_tokens: int) -> dict[str, object]:
    return {
        c.ROLLUP_CALLS: calls,
        c.ROLLUP_COST_USD: cents / 100,
        c.ROLLUP_COST_STATUS: "known",
        c.ROLLUP_INPUT_TOKENS: input_tokens,
        c.ROLLUP_OUTPUT_TOKENS: output_tokens,
        c.ROLLUP_ERRORS: 0,
    }


def moa_trace(
    trace: int = 1,
    *,
    start_ns: int = NOON,
    simulated: bool = False,
    question: str = QUESTION,
    models: tuple[str, str, str] = ("openai/gpt-4o", "anthropic/claude-opus", "gemini/flash"),
    aggregator: str = "openai/gpt-4o",
) -> list[Span]:
    """Three proposers side by side, then an aggregator that reads them.

    1 request    0-3000
    2   propose  0-2000
    3     call   0-1000   1 cent   100 in (40 cached)   10 out
    4     call   0-1500   2 cents  200 in               20 out (5 reasoning)
    5     call   0-2000   3 cents  300 in               30 out
    6   aggregate 2000-3000
    7     call   2000-3000 4 cents 400 in               40 out
    """

    def made(name: str, number: int, parent: int | None, start: int, duration: int, attributes, **more):
        return span(
            name,
            trace=trace,
            number=number,
            parent=parent,
            start_ns=start_ns,
            start_ms=start,
            duration_ms=duration,
            attributes=attributes,
            **more,
        )

    def call(
        number: int,
        parent: int,
        start: int,
        duration: int,
        model: str,
        role: str,
        index: int,
        usage,
        cents,
        links=(),
    ):
        attributes = call_attributes(
            model,
            role,
            "moa",
            trace=trace,
            index=index,
            simulated=simulated,
            answer=f"Answer {number}.",
            prompt=question,
        )
        return made(
            f"chat {model.split('/', 1)[1]}",
            number,
            parent,
            start,
            duration,
            attributes | usage | cost_attributes(cents),
            kind=Span.SPAN_KIND_CLIENT,
            links=links,
        )

    first, second, third = models
    return [
        call(3, 2, 0, 1000, first, "proposer", 0, usage_attributes(100, 10, cached=40), 1),
        call(4, 2, 0, 1500, second, "proposer", 1, usage_attributes(200, 20, reasoning=5), 2),
        call(5, 2, 0, 2000, third, "proposer", 2, usage_attributes(300, 30), 3),
        made(
            "stage moa.propose",
            2,
            1,
            0,
            2000,
            stage_attributes("propose", 0, "moa", trace=trace, fan_out=3, simulated=simulated)
            | rollup_attributes(3, 6, 600, 60),
        ),
        call(
            7,
            6,
            2000,
            1000,
            aggregator,
            "aggregator",
            0,
            usage_attributes(400, 40),
            4,
            links=[link(trace, 3), link(trace, 4), link(trace, 5)],
        ),
        made(
            "stage moa.aggregate",
            6,
            1,
            2000,
            1000,
            stage_attributes("aggregate", 1, "moa", trace=trace, fan_out=1, simulated=simulated)
            | rollup_attributes(1, 4, 400, 40),
        ),
        made(
            "invoke_workflow moa",
            1,
            None,
            0,
            3000,
            request_attributes(
                "moa",
                trace=trace,
                question=question,
                model_name=f"composite/moa/{aggregator}",
                simulated=simulated,
                answer="Answer 7.",
            )
            | rollup_attributes(4, 10, 1000, 100),
        ),
    ]


def council_trace(trace: int = 2, *, start_ns: int = NOON, simulated: bool = False) -> list[Span]:
    """Two members answer, both rank, a chair writes. Every call: 100 tokens in, 30 out, 3 cents.

    1 request     0-6000
    2   propose   0-2000      calls 3 (0-2000), 4 (0-1000)
    5   rank      2000-4000   calls 6 (2000-4000), 7 (2000-3000)
    8   synthesize 4000-6000  call 9
    """
    models = {
        3: "openai/gpt-4o",
        4: "anthropic/claude-opus",
        6: "openai/gpt-4o",
        7: "anthropic/claude-opus",
        9: "openai/gpt-4o",
    }

    def call(number: int, parent: int, start: int, duration: int, role: str, index: int, links=()):
        model = models[number]
        return span(
            f"chat {model.split('/', 1)[1]}",
            trace=trace,
            number=number,
            parent=parent,
            start_ns=start_ns,
            start_ms=start,
            duration_ms=duration,
            kind=Span.SPAN_KIND_CLIENT,
            attributes=call_attributes(
                model,
                role,
                "council",
                trace=trace,
                index=index,
                simulated=simulated,
                answer=f"Answer {number}.",
            )
            | usage_attributes(100, 30)
            | cost_attributes(3),
            links=[link(trace, read) for read in links],
        )

    def stage(number: int, kind: str, index: int, start: int, calls: int):
        return span(
            f"stage council.{kind}",
            trace=trace,
            number=number,
            parent=1,
            start_ns=start_ns,
            start_ms=start,
            duration_ms=2000,
            attributes=stage_attributes(
                kind, index, "council", trace=trace, fan_out=calls, simulated=simulated
            )
            | rollup_attributes(calls, 3 * calls, 100 * calls, 30 * calls),
        )

    return [
        call(3, 2, 0, 2000, "member", 0),
        call(4, 2, 0, 1000, "member", 1),
        stage(2, "propose", 0, 0, 2),
        call(6, 5, 2000, 2000, "reviewer", 0, links=(3, 4)),
        call(7, 5, 2000, 1000, "reviewer", 1, links=(3, 4)),
        stage(5, "rank", 1, 2000, 2),
        call(9, 8, 4000, 2000, "chair", 0, links=(3, 4, 6, 7)),
        stage(8, "synthesize", 2, 4000, 1),
        span(
            "invoke_workflow council",
            trace=trace,
            number=1,
            start_ns=start_ns,
            duration_ms=6000,
            attributes=request_attributes(
                "council",
                trace=trace,
                question="Which proof is shortest?",
                model_name="composite/council/openai/gpt-4o",
                simulated=simulated,
                answer="Answer 9.",
            )
            | rollup_attributes(5, 15, 500, 150),
        ),
    ]


def failed_trace(trace: int = 3, *, start_ns: int = NOON) -> list[Span]:
    """Both proposers of a moa fail without any usage, so the request fails.

    1 request   0-500  error
    2   propose 0-500  error
    3     call  0-200  error: RateLimitError
    4     call  0-500  error: ServiceUnavailableError
    """
    refused = "openai: 429 <script>alert('quota')</script>"
    overloaded = "anthropic: 529 overloaded"

    def call(number: int, model: str, duration: int, outcome: str, error_type: str, message: str):
        attributes = call_attributes(model, "proposer", "moa", trace=trace, index=number - 3, outcome=outcome)
        return span(
            f"chat {model.split('/', 1)[1]}",
            trace=trace,
            number=number,
            parent=2,
            start_ns=start_ns,
            duration_ms=duration,
            kind=Span.SPAN_KIND_CLIENT,
            error=message,
            attributes=attributes
            | {c.ERROR_TYPE: error_type, c.USAGE_SOURCE: "none", c.COST_SOURCE: "unknown"},
            events=[exception_event(error_type, message, at_ns=start_ns + duration * MS)],
        )

    failed = "all 2 proposers failed"
    return [
        call(3, "openai/gpt-4o", 200, "error", "litellm.exceptions.RateLimitError", refused),
        call(
            4, "anthropic/claude-opus", 500, "error", "litellm.exceptions.ServiceUnavailableError", overloaded
        ),
        span(
            "stage moa.propose",
            trace=trace,
            number=2,
            parent=1,
            start_ns=start_ns,
            duration_ms=500,
            error=failed,
            attributes=stage_attributes("propose", 0, "moa", trace=trace, fan_out=2, failed=2),
        ),
        span(
            "invoke_workflow moa",
            trace=trace,
            number=1,
            start_ns=start_ns,
            duration_ms=500,
            error=failed,
            attributes=request_attributes(
                "moa",
                trace=trace,
                question="Will this fail?",
                model_name="composite/moa/openai/gpt-4o",
                simulated=False,
                answer=None,
            )
            | {c.ERROR_TYPE: "litellm.exceptions.APIError"},
        ),
    ]


def foreign_trace(trace: int = 4, *, start_ns: int = NOON) -> list[Span]:
    """One model call as another instrumentation writes it: no `composite.*` key, no cost."""
    return [
        span(
            "chat gpt-4o-mini",
            trace=trace,
            number=1,
            start_ns=start_ns,
            duration_ms=700,
            kind=Span.SPAN_KIND_CLIENT,
            attributes={
                c.OPERATION: "chat",
                c.PROVIDER: "openai",
                c.REQUEST_MODEL: "gpt-4o-mini",
                c.RESPONSE_MODEL: "gpt-4o-mini-2024-07-18",
                c.INPUT_TOKENS: 70,
                c.OUTPUT_TOKENS: 7,
            },
        )
    ]


def other_library(name: str, operation: str, given: int, made: int, cost: float, **more) -> Span:
    """A span with usage as OpenTelemetry's conventions write it, of gpt-4o."""
    told = {
        c.OPERATION: operation,
        c.REQUEST_MODEL: "gpt-4o",
        c.INPUT_TOKENS: given,
        c.OUTPUT_TOKENS: made,
        "gen_ai.usage.cost": cost,
    }
    return span(name, attributes=told, duration_ms=1000, **more)


def more_than_calls(trace: int, *, start_ns: int = NOON) -> list[Span]:
    """An agent that tells of 50 cents above one call of 10: 10 are known, the agent is unpriced."""
    return [
        other_library("agent", "invoke_agent", 50, 5, 0.5, trace=trace, number=1, start_ns=start_ns),
        other_library("chat", "chat", 10, 1, 0.1, trace=trace, number=2, parent=1, start_ns=start_ns),
    ]


def maybe_repeated(trace: int, *, start_ns: int = NOON) -> list[Span]:
    """The same, but the call's own parent is not there: nobody knows whether the agent tells of it."""
    agent, call = more_than_calls(trace, start_ns=start_ns)
    call.parent_span_id = (99).to_bytes(8, "big")
    return [agent, call]


def all_traces(*, start_ns: int = NOON) -> list[Span]:
    """The four examples, one minute apart: moa, council, failed, foreign."""
    return [
        *moa_trace(1, start_ns=start_ns),
        *council_trace(2, start_ns=start_ns + MINUTE),
        *failed_trace(3, start_ns=start_ns + 2 * MINUTE),
        *foreign_trace(4, start_ns=start_ns + 3 * MINUTE),
    ]
