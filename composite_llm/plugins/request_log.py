"""`request_log`: one line a request in the program's log, with what must not be kept taken out."""

import json
import logging
from pathlib import Path

from composite_llm import settings
from composite_llm.content import last_question
from composite_llm.plugins.plugin import Exchange, Plugin, Settings, Summary
from composite_llm.plugins.registry import plugin
from composite_llm.redaction import redactor

log = logging.getLogger("composite_llm.requests")


class RequestLogSettings(Settings):
    level: str = "INFO"
    content: bool = True
    """False leaves question and answer out."""
    chars: int = 500
    """Of question and answer each; cut after redaction, since half of a key looks like none."""
    patterns: Path | None = None
    """File of own patterns to redact; without one, that of COMPOSITE_LLM_REDACT."""


@plugin("request_log")
class RequestLog(Plugin):
    Settings = RequestLogSettings

    def __init__(self, settings: RequestLogSettings) -> None:
        super().__init__(settings)
        self._level = logging.getLevelNamesMapping()[settings.level.upper()]

    def on_end(self, exchange: Exchange, summary: Summary) -> None:
        entry = {
            "model": exchange.model,
            "request_id": exchange.request_id,
            "outcome": summary.outcome,
            "seconds": round(summary.seconds, 3),
            "calls": summary.calls,
            "cost_usd": None if summary.unpriced else summary.known_cost_usd,
        }
        if self.settings.content:
            question = last_question(exchange.messages)
            entry |= {"question": self._kept(question), "answer": self._kept(summary.answer)}
        log.log(self._level, "%s", json.dumps(entry, ensure_ascii=False))

    def _kept(self, text: str) -> str:
        redact = redactor(self.settings.patterns or settings.load().redact)
        return str(redact.text(text))[: self.settings.chars]
