"""A span for each tool that an agent ran: where the seconds of its run went.

The lines name a tool by the key of what it was given: `{"readToolCall": {"args": …}}`, and `result` when it has ended.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from composite_llm import telemetry
from composite_llm.telemetry import Identity, Span

_SUFFIX = "ToolCall"

MOST_SPANS = 200
"""Of one run; what a program prints is not ours."""


@dataclass(slots=True)
class ToolSpans:
    identity: Identity
    parent: Span
    _open: dict[str, Span] = field(default_factory=dict[str, Span])
    _begun: int = 0

    def hear(self, event: Mapping[str, Any]) -> None:
        identifier = str(event.get("call_id"))
        name, call = _named(event.get("tool_call"))
        if event.get("subtype") == "started" and identifier not in self._open:
            self._begin(identifier, name, call)
        elif event.get("subtype") == "completed" and identifier in self._open:
            self._end(self._open.pop(identifier), call.get("result"))

    def close(self) -> None:
        """The run is over; of tools that run still nobody will hear."""
        for span in self._open.values():
            telemetry.warn(span, "the run was over before this tool was")
            span.end()
        self._open.clear()

    def _begin(self, identifier: str, name: str, call: Mapping[str, Any]) -> None:
        if self._begun == MOST_SPANS:
            return
        self._begun += 1
        span = telemetry.tool_span(self.identity, self.parent, name=name, call_id=identifier)
        telemetry.write_tool_input(span, _as_json(call.get("args")))
        self._open[identifier] = span

    def _end(self, span: Span, result: Any) -> None:
        telemetry.write_tool_output(span, _as_json(result))
        if isinstance(result, Mapping) and ("error" in result or "rejected" in result):
            telemetry.warn(
                span, "the tool failed" if "error" in result else "the agent was not let use the tool"
            )
        span.end()


def _named(tool_call: Any) -> tuple[str, Mapping[str, Any]]:
    if isinstance(tool_call, Mapping):
        for key, value in tool_call.items():
            if key.endswith(_SUFFIX) and isinstance(value, Mapping):
                return key.removesuffix(_SUFFIX)[:100] or "tool", value
    return "tool", {}


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
