"""`call_log`: every attempt at a model call as one line of JSON."""

import json
import threading
import time
from pathlib import Path

from composite_llm.accounting.ledger import CallRecord
from composite_llm.capture import capture
from composite_llm.plugins.plugin import Exchange, Plugin, Settings
from composite_llm.plugins.registry import plugin


class CallLogSettings(Settings):
    file: Path
    """Lines are appended; only its owner may read it."""


@plugin("call_log")
class CallLog(Plugin):
    Settings = CallLogSettings

    def __init__(self, settings: CallLogSettings) -> None:
        super().__init__(settings)
        self._lock = threading.Lock()

    def on_call(self, exchange: Exchange, call: CallRecord) -> None:
        cost = call.cost.total if call.cost else None
        line = {
            "time": round(time.time(), 3),
            "trace_id": exchange.trace_id,
            "request_id": exchange.request_id,
            "request_model": exchange.model,
            "stage": call.stage,
            "role": call.role,
            "index": call.index,
            "attempt": call.attempt,
            "model": call.model,
            "simulated": call.simulated,
            "outcome": call.outcome,
            "seconds": round(call.seconds, 6),
            "input_tokens": call.usage.input if call.usage else None,
            "output_tokens": call.usage.output if call.usage else None,
            "cached_tokens": call.usage.cached if call.usage else None,
            "reasoning_tokens": call.usage.reasoning if call.usage else None,
            "cost_usd": 0.0 if call.refused else cost,  # None: unknown
            "error": capture().error(call.error) if call.error else "",
        }
        self._append(json.dumps(line, allow_nan=False) + "\n")

    def _append(self, line: str) -> None:
        """In one write, so that processes which share the file do not cut into each other's lines."""
        with self._lock, open(self.settings.file, "ab", buffering=0, opener=_private) as file:
            file.write(line.encode())


def _private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)
