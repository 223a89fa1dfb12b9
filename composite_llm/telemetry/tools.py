"""Spans of tools that run on this side, and references to spans of other traces."""

import json
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanContext, SpanKind, TraceFlags

from composite_llm import content
from composite_llm import conventions as c
from composite_llm.capture import capture
from composite_llm.json_text import json_text
from composite_llm.telemetry.spans import Attributes, Identity
from composite_llm.telemetry.tracer import tracer


def tool_span(identity: Identity, parent: Span, *, name: str, call_id: str, thinks: bool = False) -> Span:
    attributes: Attributes = identity.attributes() | {
        c.SPAN_TYPE: c.THINK_STEP if thinks else c.TOOL,
        c.OPERATION: c.EXECUTE_TOOL,
        c.OPENINFERENCE_KIND: "TOOL",
        c.LANGFUSE_TYPE: "tool",
        c.TOOL_NAME: name,
        c.TOOL_TYPE: "function",
        c.TOOL_CALL_ID: call_id,
    }
    under = trace.set_span_in_context(parent)
    return tracer().start_span(f"{c.EXECUTE_TOOL} {name}", under, SpanKind.INTERNAL, attributes)


def write_thought(span: Span, thought: str, index: int, *, after_tool: bool) -> None:
    """The thought as people read it, with its lines, and as the tool's argument."""
    span.set_attributes({c.THINK_INDEX: index, c.THINK_CHARS: len(thought), c.THINK_AFTER_TOOL: after_tool})
    if (told := _told(span, thought)) is not None:
        argument = json_text({"thought": told})
        span.set_attributes({c.INPUT_VALUE: told, c.INPUT_MIME: "text/plain", c.TOOL_ARGUMENTS: argument})


def write_tool_input(span: Span, arguments: str) -> None:
    _write(span, arguments, (c.TOOL_ARGUMENTS, c.INPUT_VALUE), c.INPUT_MIME, "application/json")


def write_tool_output(span: Span, result: str) -> None:
    # Back ends show nothing at all for an empty value.
    _write(span, result or "ok", (c.TOOL_RESULT, c.OUTPUT_VALUE), c.OUTPUT_MIME, _mime(result))


def _write(span: Span, text: str, keys: tuple[str, ...], mime_key: str, mime: str) -> None:
    if (told := _told(span, text)) is not None:
        span.set_attributes(dict.fromkeys(keys, told) | {mime_key: mime})


def _told(span: Span, text: str) -> str | None:
    """What may be written of it; None for nothing."""
    kept = capture().messages([{"role": "tool", "content": text}])
    if kept is None:
        return None
    told = str(kept[0]["content"])
    if len(told) > content.LIMIT:
        span.set_attribute(c.CONTENT_TRUNCATED, True)
    return content.clipped(told, content.LIMIT)


def _mime(text: str) -> str:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return "text/plain"
    return "application/json"


def reference(context: SpanContext) -> dict[str, Any]:
    """What a span is found by, as JSON holds it."""
    return {
        "trace": trace.format_trace_id(context.trace_id),
        "span": trace.format_span_id(context.span_id),
    }


def referenced(told: dict[str, Any]) -> SpanContext:
    """The context of a span that ended long ago, maybe in another process, to link to."""
    trace_id, span_id = int(told["trace"], 16), int(told["span"], 16)
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
