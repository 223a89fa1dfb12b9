"""The lines that are told, and the plugin that hears of calls while they end."""

import json
import sys
import threading
from dataclasses import asdict
from typing import Any

from composite_llm.accounting.ledger import CallRecord
from composite_llm.plugins.plugin import Exchange, Plugin, Summary

_telling = threading.Lock()


def tell(event: str, **said: Any) -> None:
    """Whoever listened may have gone: then the request ends by its input."""
    line = json.dumps({"event": event, **said}, ensure_ascii=True, default=str)
    with _telling:
        try:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        except (OSError, ValueError):
            return


class Listener(Plugin):
    """Looks on: which trace it is, each call as it ends, and how all ended, also where nobody gets an answer."""

    name = "one_request"

    def __init__(self) -> None:
        super().__init__()
        self.calls_ended = threading.Event()
        """Set at each, for who hands spans over."""
        self.ended = threading.Event()
        self._began = False

    @property
    def began(self) -> bool:
        return self._began

    @property
    def changes(self) -> bool:
        return False

    async def on_request(self, exchange: Exchange) -> None:
        self._began = True
        tell("began", trace_id=exchange.trace_id, request_id=exchange.request_id)

    def on_call(self, exchange: Exchange, call: CallRecord) -> None:
        tell("call", call=asdict(call))
        self.calls_ended.set()

    def on_end(self, exchange: Exchange, summary: Summary) -> None:
        tell(
            "summary",
            outcome=summary.outcome,
            seconds=summary.seconds,
            calls=summary.calls,
            known_cost_usd=summary.known_cost_usd,
            unpriced=summary.unpriced,
        )
        self.ended.set()
