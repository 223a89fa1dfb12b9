"""What of a request may be written on its spans: `COMPOSITE_LLM_CONTENT`, applied where the words come in."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from composite_llm import settings
from composite_llm.content import Message, without_files
from composite_llm.redaction import BadPatterns, Redactor, redactor

log = logging.getLogger(__name__)

LEFT_OUT = "[left out]"


@dataclass(frozen=True, slots=True)
class Capture:
    content: str
    redactor: Redactor | None
    """None if nothing is redacted, or if nobody knows how."""

    def messages(self, messages: Sequence[Message]) -> Sequence[Message] | None:
        """What may be written of a conversation; None for nothing."""
        if self.content == "none":
            return None
        if self.redactor is None:
            return messages
        # Long before they are cut: half of a key looks like none.
        return [self.redactor.value(without_files(message)) for message in messages]

    def words(self, value: Any) -> Any:
        """What may be written of texts that are no prompt or answer, but may hold secrets: names, tags."""
        if self.content == "full":
            return value
        return "[redacted]" if self.redactor is None else self.redactor.value(value)

    def error(self, message: str) -> str:
        """What may be written of an error beside its class: providers quote the prompt in theirs."""
        return LEFT_OUT if self.content == "none" else self.words(message)


_EVERYTHING = Capture("full", None)


def capture() -> Capture:
    """By the settings now in force. Patterns that cannot be read leave everything out: a request never fails
    for being recorded, and nothing is recorded that should not be."""
    # Not all settings: this is asked several times for each span.
    patterns = os.environ.get("COMPOSITE_LLM_REDACT", "")
    content = settings.content_choice(os.environ.get("COMPOSITE_LLM_CONTENT"), patterns)
    if content == "full":
        return _EVERYTHING
    try:
        return Capture(content, redactor(Path(patterns) if patterns else None))
    except BadPatterns as error:
        _say_once(f"prompts and answers are left out of spans: {error}")
        return Capture("none", None)


def check() -> None:
    """Say at the start what is wrong with these settings. Raises BadPatterns."""
    word = os.environ.get("COMPOSITE_LLM_CONTENT", "")
    found = settings.load()
    if word and word.strip().lower() not in settings.CONTENT_CHOICES:
        choices = ", ".join(settings.CONTENT_CHOICES)
        _say_once(f"COMPOSITE_LLM_CONTENT={word} is none of {choices}: no prompts and answers are recorded")
    if found.redact:
        redactor(found.redact)


@cache
def _say_once(sentence: str) -> None:
    log.warning("%s", sentence)
