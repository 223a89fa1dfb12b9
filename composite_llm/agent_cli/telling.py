"""What a run prints, line by line (NDJSON), as words, thoughts, tools and a result.

A message comes piece by piece, and then once more as a whole: when a tool is about to run (`model_call_id` is on it)
and at the end (no `timestamp_ms`). Older versions send wholes alone. Lines of kinds nobody knows mean nothing.
"""

import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    kind: Literal["content", "reasoning_content"]
    """As LiteLLM's deltas name it."""
    text: str


@dataclass(slots=True)
class Telling:
    on_tool: Callable[[Event], None]
    """Hears of a tool that was started or has ended."""
    session: str = ""
    model: str = ""
    """As the program shows it: `Composer 2.5`."""
    result: Event | None = None
    """The last event of a run that came to its end, for good or not."""
    at_work: bool = False
    """Its model has begun, so that the run may be billed."""
    complaints: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    """Lines that are no events, the last ones: some errors are told like that."""
    broke_off: bool = False
    """The last line began as an event."""
    _said: list[str] = field(default_factory=list[str])
    _thoughts: list[str] = field(default_factory=list[str])
    _message: str = ""
    """The one that is being written, since a tool was last begun."""

    @property
    def text(self) -> str:
        """Everything that was said."""
        return "".join(self._said)

    @property
    def thoughts(self) -> str:
        return "".join(self._thoughts)

    def hear(self, line: str) -> Iterator[Said]:
        event = self._event(line)
        if event is None:
            return
        self.session = _text(event.get("session_id")) or self.session
        match event.get("type"), event.get("subtype"):
            case "system", "init":
                self.model = _text(event.get("model"))
            case "thinking", _:
                yield from self._thought(_text(event.get("text")))
            case "assistant", _:
                yield from self._words(event)
            case "tool_call", subtype:
                self.at_work = True
                if subtype == "started":
                    self._message = ""
                self.on_tool(event)
            case "result", _:
                self.result = event
                yield from self._rest(_text(event.get("result")))
            case "error", _:
                self.complaints.append(_text(event.get("message")))
            case _:
                pass

    @property
    def failed(self) -> bool:
        """The run came to its end, and says that this is not the answer."""
        return self.result is not None and (
            self.result.get("is_error") is True or self.result.get("subtype") not in (None, "success")
        )

    def _event(self, line: str) -> Event | None:
        self.broke_off = False
        if not line.strip():
            return None
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            self.broke_off = line.startswith('{"')
            event = None
        if not isinstance(event, dict):
            self.complaints.append(line[:1000])
            return None
        return event

    def _thought(self, text: str) -> Iterator[Said]:
        self.at_work = True
        if text:
            self._thoughts.append(text)
            yield Said("reasoning_content", text)

    def _words(self, event: Event) -> Iterator[Said]:
        self.at_work = True
        text = _text_of(event.get("message"))
        whole = "model_call_id" in event or "timestamp_ms" not in event
        if whole and self._message and text.startswith(self._message):
            text = text[len(self._message) :]
        if text:
            self._message += text
            self._said.append(text)
            yield Said("content", text)

    def _rest(self, whole: str) -> Iterator[Said]:
        """What only the result says. What was said already cannot be taken back."""
        if self.failed:
            return
        said = self.text
        if whole.startswith(said) and (rest := whole[len(said) :]):
            self._said.append(rest)
            yield Said("content", rest)


def _text_of(message: Any) -> str:
    parts = message.get("content") if isinstance(message, dict) else None
    if isinstance(parts, str):
        return parts
    if not isinstance(parts, list):
        return ""
    return "".join(_text(part.get("text")) for part in parts if isinstance(part, dict))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
