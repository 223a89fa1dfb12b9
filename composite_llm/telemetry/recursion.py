"""Spans of recursive runs: a node that explores a text, the cells it runs, and its looks into the text."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from opentelemetry.trace import Span, SpanKind

from composite_llm import conventions as c
from composite_llm.telemetry.attributes import fail, warn
from composite_llm.telemetry.spans import Attributes, Identity, _under
from composite_llm.telemetry.tools import write_tool_input, write_tool_output
from composite_llm.telemetry.tracer import tracer

REPL = "python_repl"


@dataclass(frozen=True, slots=True)
class NodeStart:
    """What a node is given. Of its texts only sizes and digests."""

    depth: int
    max_depth: int
    node_id: str
    parent_node_id: str | None
    child_index: int
    context: str
    context_tokens: int
    place: tuple[int, int] | None
    """Where in the root's context its own stands; None where it is another text."""
    query_chars: int
    calls_left: int
    usd_left: float | None
    """None where nothing limits it."""
    seconds_left: float


@dataclass(frozen=True, slots=True)
class NodeEnd:
    iterations: int
    termination: str
    sub_calls: int
    sub_call_errors: int
    depth_limited: int
    compactions: int
    coverage: tuple[float, Sequence[tuple[int, int]]] | None = None
    """Share of the context that was seen, and the intervals; of the root alone."""
    deepest: int | None = None


def node_span(identity: Identity, parent: Span, start: NodeStart) -> Span:
    attributes: Attributes = identity.attributes() | {
        c.SPAN_TYPE: c.RLM_NODE,
        c.OPERATION: c.INVOKE_AGENT,
        c.OPENINFERENCE_KIND: "AGENT",
        c.LANGFUSE_TYPE: "agent",
        c.AGENT_NAME: "rlm",
        c.RLM_DEPTH: start.depth,
        c.RLM_MAX_DEPTH: start.max_depth,
        c.RLM_NODE_ID: start.node_id,
        c.RLM_CHILD_INDEX: start.child_index,
        c.RLM_CONTEXT_CHARS: len(start.context),
        c.RLM_CONTEXT_TOKENS: start.context_tokens,
        c.RLM_CONTEXT_SHA256: _digest(start.context),
        c.RLM_QUERY_CHARS: start.query_chars,
        c.RLM_BUDGET_SUB_CALLS: start.calls_left,
        c.RLM_BUDGET_SECONDS: start.seconds_left,
    }
    if start.parent_node_id is not None:
        attributes[c.RLM_PARENT_NODE_ID] = start.parent_node_id
    if start.place is not None:
        attributes |= {c.RLM_CONTEXT_START: start.place[0], c.RLM_CONTEXT_END: start.place[1]}
    if start.usd_left is not None:
        attributes[c.RLM_BUDGET_USD] = start.usd_left
    return tracer().start_span(f"{c.INVOKE_AGENT} rlm", _under(parent), SpanKind.INTERNAL, attributes)


def write_node_end(span: Span, end: NodeEnd) -> None:
    attributes: Attributes = {
        c.RLM_ITERATIONS: end.iterations,
        c.RLM_TERMINATION: end.termination,
        c.RLM_SUB_CALLS: end.sub_calls,
        c.RLM_SUB_CALL_ERRORS: end.sub_call_errors,
        c.RLM_DEPTH_LIMITED: end.depth_limited,
        c.RLM_COMPACTIONS: end.compactions,
    }
    if end.coverage is not None:
        attributes |= {c.RLM_COVERAGE: end.coverage[0], c.RLM_SEEN: json.dumps(end.coverage[1])}
    if end.deepest is not None:
        attributes[c.ROLLUP_MAX_DEPTH] = end.deepest
    span.set_attributes(attributes)


def write_deepest(span: Span, depth: int) -> None:
    """On the request: how deep the recursion really went."""
    span.set_attribute(c.ROLLUP_MAX_DEPTH, depth)


def cell_span(identity: Identity, parent: Span, *, iteration: int, code: str) -> Span:
    span = _tool(identity, parent, c.REPL_EXEC, REPL, "function")
    span.set_attributes(
        {
            c.REPL_ITERATION: iteration,
            c.REPL_CODE_CHARS: len(code),
            c.REPL_CODE_SHA256: _digest(code),
        }
    )
    write_tool_input(span, json.dumps({"code": code}, ensure_ascii=False))
    return span


def write_cell(
    span: Span,
    *,
    output: str,
    chars_out: int,
    truncated: bool,
    sandbox: str,
    sub_calls: int,
    error: tuple[str, str] | None,
    limit: str | None,
) -> None:
    """`error`: class and words of what the code raised. That is the model's own affair; a `limit` it ran into, or a
    sandbox that broke (`crash`), is a failure of the step."""
    write_tool_output(span, output)
    exit_ = "ok" if error is None else "exception" if limit is None else limit
    span.set_attributes(
        {
            c.REPL_STDOUT_CHARS: chars_out,
            c.REPL_TRUNCATED: truncated,
            c.REPL_EXIT: exit_,
            c.REPL_SUB_CALLS: sub_calls,
            c.REPL_SANDBOX: sandbox,
        }
    )
    if error is None:
        return
    span.set_attribute(c.REPL_EXCEPTION_TYPE, error[0])
    if limit is None:
        warn(span, ": ".join(error))
    else:
        fail(span, RuntimeError(), limit, message=": ".join(error))


def grep_span(identity: Identity, parent: Span, arguments: str) -> Span:
    span = _tool(identity, parent, c.GREP, c.GREP, "datastore")
    write_tool_input(span, arguments)
    return span


def write_grep(span: Span, *, matches: int, returned: int, result: str) -> None:
    write_tool_output(span, result)
    told: Attributes = {c.GREP_MATCHES: matches, c.GREP_RETURNED: returned}
    span.set_attributes(told | {c.GREP_TRUNCATED: returned < matches})


def read_lines_span(identity: Identity, parent: Span, arguments: str) -> Span:
    span = _tool(identity, parent, c.READ_LINES, c.READ_LINES, "datastore")
    write_tool_input(span, arguments)
    return span


def write_read_lines(span: Span, *, first: int, last: int, result: str) -> None:
    write_tool_output(span, result)
    lines = max(0, last - first + 1)
    span.set_attributes(
        {
            c.READ_START_LINE: first,
            c.READ_END_LINE: last,
            c.READ_LINE_COUNT: lines,
            c.READ_CHARS: len(result),
        }
    )


def _tool(identity: Identity, parent: Span, type_: str, name: str, tool_type: str) -> Span:
    attributes: Attributes = identity.attributes() | {
        c.SPAN_TYPE: type_,
        c.OPERATION: c.EXECUTE_TOOL,
        c.OPENINFERENCE_KIND: "TOOL",
        c.LANGFUSE_TYPE: "tool",
        c.TOOL_NAME: name,
        c.TOOL_TYPE: tool_type,
    }
    return tracer().start_span(f"{c.EXECUTE_TOOL} {name}", _under(parent), SpanKind.INTERNAL, attributes)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
