"""Books of composites that answer from other servers, as far as their answers tell of them.

A composite asked over HTTP looks like one model. Its answer says what it cost (LiteLLM would put the price of
whatever model has the same name on it), and where its calls were recorded. If that is where ours are, in the same
trace, the call must not be counted beside them.
"""

import socket
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from composite_llm import settings

TOLD_UNDER = "composite"
"""Where usage tells of it: in `prompt_tokens_details`, whose unknown entries LiteLLM hands on everywhere."""
RECORDED_IN = "recorded_in"


@dataclass(frozen=True, slots=True)
class OtherBooks:
    llm_calls: int
    cost_usd: float | None
    """None where the other server does not know all of it."""
    recorded_in: str


def other_books(usage: Any) -> OtherBooks | None:  # LiteLLM's Usage
    """None for a plain model's answer."""
    match getattr(getattr(usage, "prompt_tokens_details", None), TOLD_UNDER, None):
        case {
            "llm_calls": int(calls),
            "cost_status": status,
            "known_cost_usd": int() | float() as usd,
            **more,
        }:
            cost = float(usd) if status == "known" and usd >= 0 else None
            return OtherBooks(calls, cost, str(more.get(RECORDED_IN, "")))
        case _:
            return None


def place_of_record(trace_id: str) -> str:
    """Names the store a trace goes to, equal in all programs that send it to the same one; tells nobody where."""
    collector = settings.load().collector
    # A loopback address is another collector on every machine.
    machine = socket.gethostname() if _is_of_this_machine(collector) else ""
    return sha256(f"{trace_id} {collector} {machine}".encode()).hexdigest()[:16]


def _is_of_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")
