"""Spans of composite requests, stages and calls: the only package that touches OpenTelemetry."""

from opentelemetry.trace import Span, SpanContext

from composite_llm.telemetry.attributes import (
    escapes,
    fail,
    warn,
    write_config,
    write_cost,
    write_fan_out,
    write_input,
    write_note,
    write_outcome,
    write_output,
    write_request_parameters,
    write_response,
    write_rollup,
    write_stop_reason,
    write_usage,
)
from composite_llm.telemetry.spans import (
    Identity,
    call_span,
    current,
    parent_of_request,
    request_span,
    stage_span,
    trace_id,
)
from composite_llm.telemetry.streams import write_first_chunk, write_stream
from composite_llm.telemetry.tools import (
    reference,
    referenced,
    tool_span,
    write_thought,
    write_tool_input,
    write_tool_output,
)
from composite_llm.telemetry.tracer import flush, use_tracer_provider

__all__ = [
    "Identity",
    "Span",
    "SpanContext",
    "call_span",
    "current",
    "escapes",
    "fail",
    "flush",
    "parent_of_request",
    "reference",
    "referenced",
    "request_span",
    "stage_span",
    "tool_span",
    "trace_id",
    "use_tracer_provider",
    "warn",
    "write_config",
    "write_cost",
    "write_fan_out",
    "write_first_chunk",
    "write_input",
    "write_note",
    "write_outcome",
    "write_output",
    "write_request_parameters",
    "write_response",
    "write_rollup",
    "write_stop_reason",
    "write_stream",
    "write_thought",
    "write_tool_input",
    "write_tool_output",
    "write_usage",
]
