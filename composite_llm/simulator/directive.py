"""The `simulator` field of a request: what a test wants of this one answer.

With LiteLLM: `litellm.completion(..., extra_body={"simulator": {"fault": "429", "times": 1}})`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from composite_llm.simulator.faults import FAULT_LIST, FAULTS
from composite_llm.simulator.fields import (
    as_array,
    as_object,
    as_text,
    bad_request,
    optional_integer,
    optional_seconds,
)

KEYS = (
    "fault",
    "times",
    "retry_after_s",
    "delay_s",
    "content",
    "reasoning",
    "tool_calls",
    "logprob",
    "usage",
)
RETRY_AFTER_S = 1.0


@dataclass(frozen=True, slots=True)
class Directive:
    fault: str | None = None
    times: int | None = None
    """The fault hits only so many identical requests; None means every one."""
    retry_after_s: float = RETRY_AFTER_S
    """What a 429 asks the client to wait."""
    delay_s: float | None = None
    """Exactly how long the answer takes, whatever the simulator's speed."""
    content: str | None = None
    """Exactly what the answer says."""
    reasoning: str = ""
    """What the model thinks aloud before it answers, as `reasoning_content`; no tokens are counted for it."""
    tool_calls: tuple[tuple[str, str], ...] = ()
    """Exactly what it calls beside what it says: names, and arguments as it writes them, which may be no JSON."""
    logprob: float | None = None
    """Of each token, where the request asks for that; None draws one."""
    usage: dict[str, Any] | None = None
    """Exactly what usage it reports, in OpenAI's shape."""
    reports_usage: bool = True
    """False after `"usage": null`: the answer reports none."""


def parse_directive(value: object) -> Directive:
    if value is None:
        return Directive()
    fields = as_object(value, "simulator")
    unknown = sorted(set(fields) - set(KEYS))
    if unknown:
        raise bad_request(
            f"'simulator' does not know {unknown[0]!r}; it knows {', '.join(KEYS)}.", "simulator"
        )
    fault = fields.get("fault")
    if fault is not None and str(fault) not in FAULTS:
        raise bad_request(f"Unknown fault {fault!r}; known are {FAULT_LIST}.", "simulator.fault")
    retry_after_s = optional_seconds(fields, "retry_after_s")
    usage = fields.get("usage")
    return Directive(
        fault=None if fault is None else str(fault),
        times=optional_integer(fields, "times", 0),
        retry_after_s=RETRY_AFTER_S if retry_after_s is None else retry_after_s,
        delay_s=optional_seconds(fields, "delay_s"),
        content=None if fields.get("content") is None else as_text(fields["content"], "simulator.content"),
        reasoning=as_text(fields.get("reasoning") or "", "simulator.reasoning"),
        tool_calls=_calls(fields.get("tool_calls") or []),
        logprob=_logprob(fields),
        usage=None if usage is None else as_object(usage, "simulator.usage"),
        reports_usage="usage" not in fields or usage is not None,
    )


def _calls(value: object) -> tuple[tuple[str, str], ...]:
    calls = [as_object(call, "simulator.tool_calls") for call in as_array(value, "simulator.tool_calls")]
    return tuple(
        (
            as_text(call.get("name"), "simulator.tool_calls.name"),
            as_text(call.get("arguments", "{}"), "simulator.tool_calls.arguments"),
        )
        for call in calls
    )


def _logprob(fields: Mapping[str, Any]) -> float | None:
    value = fields.get("logprob")
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool) or not value <= 0:
        raise bad_request(f"'logprob' must be a number of at most 0, not {value!r}.", "simulator.logprob")
    return float(value)
