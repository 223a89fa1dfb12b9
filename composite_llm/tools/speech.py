"""What a client that reads along gets of a model whose tools run here: its words and the client's own calls."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litellm.types.utils import Delta, ModelResponseStream, StreamingChoices

from composite_llm.engine.calls import Reply
from composite_llm.streaming.hearing import says_something
from composite_llm.streaming.sink import Sink
from composite_llm.tools.box import Toolbox
from composite_llm.tools.calls import ToolCall

BETWEEN_TURNS = "\n\n"


@dataclass(slots=True, eq=False)
class Speech:
    """One answer, written in several turns. Words pass as they come, also of a turn that goes on to call a tool."""

    sink: Sink
    box: Toolbox
    said_words: bool = False
    _told: bool = False
    """Thoughts."""
    _turn: "Turn | None" = None

    def next_turn(self) -> "Turn":
        self._turn = Turn(self)
        return self._turn

    def tell(self, thoughts: Sequence[str]) -> None:
        """Thoughts that the client wants to know."""
        for thought in thoughts:
            told = BETWEEN_TURNS + thought if self._told else thought
            delta = Delta(content=None, reasoning_content=told)
            self.sink.speak(ModelResponseStream(choices=[StreamingChoices(index=0, delta=delta)]), self)
            self._told = True

    def end(self, reply: Reply) -> None:
        """Whatever of the last turn has not been said, because it came in one piece after others were heard."""
        if self._turn is None or self._turn.spoke_at is not None or self.sink.spoke_at is None:
            return
        message = reply.answer.message
        calls = [{**call, "index": place} for place, call in enumerate(message.get("tool_calls") or ())]
        delta = Delta(content=message.get("content"), tool_calls=calls or None)
        chunk = ModelResponseStream(choices=[StreamingChoices(index=0, delta=delta)])
        self._turn.speak(chunk, self)


class Turn(Sink):
    """The sink of one turn, so that a turn of which nothing was heard can be tried again."""

    def __init__(self, speech: Speech) -> None:
        super().__init__()
        self._speech = speech
        self._begun = speech.said_words
        self._places: dict[int, int | None] = {}
        """The client's count of calls, by the model's; None for a call that runs here."""

    def final_begins(self) -> None:
        if self._speech.sink.spoke_at is None:
            self._speech.sink.final_begins()

    def speak(self, chunk: Any, speaker: object) -> bool:
        heard = [(choice, self._heard(choice.delta)) for choice in chunk.choices]
        if not any(says_something(delta) for _, delta in heard):
            return True
        if self._speaker is None:
            self._speaker, self.spoke_at = speaker, time.monotonic()
        if self._speaker is not speaker:
            return False
        choices = [choice.model_copy(update={"delta": delta}) for choice, delta in heard]
        return self._speech.sink.speak(chunk.model_copy(update={"choices": choices}), self._speech)

    def _heard(self, delta: Delta) -> Delta:
        """Without what is called here, and set off from the words of the turn before."""
        extras = getattr(delta, "provider_specific_fields", None) or {}
        changed: dict[str, Any] = {}
        if not any(value is not None for value in extras.values()):
            changed["provider_specific_fields"] = None
        if delta.tool_calls:
            shown = [call for call in map(self._shown, delta.tool_calls) if call is not None]
            changed["tool_calls"] = shown or None
        if delta.content:
            changed["content"] = BETWEEN_TURNS + delta.content if self._begun else delta.content
            self._begun, self._speech.said_words = False, True
        return delta.model_copy(update=changed)

    def _shown(self, part: Any) -> Any | None:
        """Part of a call, counted among those the client gets. A call's first part has its name."""
        if part.index not in self._places:
            call = ToolCall(part.id or "", part.function.name or "", "")
            shown = [place for place in self._places.values() if place is not None]
            self._places[part.index] = len(shown) if self._speech.box.is_for_the_client(call) else None
        place = self._places[part.index]
        return None if place is None else part.model_copy(update={"index": place})
