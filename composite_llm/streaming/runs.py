"""A stream with its runs of words joined: LiteLLM's builder goes through all chunks a dozen times, on the event
loop that other requests wait for, and a long answer has thousands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True)
class _Run:
    chunk: Any
    choice: Any
    kind: Any
    """What its chunks add to, where that is all they do; else None, and it is one chunk."""
    parts: list[str]

    def joined(self) -> Any:
        if len(self.parts) < 2:
            return self.chunk.model_copy(update={"choices": [self.choice]})
        delta = self.choice.delta.model_copy(update=self._added("".join(self.parts)))
        choice = self.choice.model_copy(update={"delta": delta})
        return self.chunk.model_copy(update={"choices": [choice]})

    def _added(self, text: str) -> dict[str, Any]:
        if isinstance(self.kind, str):
            return {self.kind: text}
        [call] = self.choice.delta.tool_calls
        function = call.function.model_copy(update={"arguments": text})
        return {"tool_calls": [call.model_copy(update={"function": function})]}


def joined(chunks: Iterable[Any], index: int) -> Sequence[Any]:
    """The chunks of one answer, as few as they can be."""
    runs: list[_Run] = []
    for chunk in chunks:
        for choice in chunk.choices:
            if choice.index != index:
                continue
            kind, text = _kind(choice)
            if kind is not None and runs and runs[-1].kind == kind:
                runs[-1].parts.append(text)
            else:
                runs.append(_Run(chunk, choice, kind, [text]))
    return [run.joined() for run in runs]


def _kind(choice: Any) -> tuple[Any, str]:
    """Words, thoughts, or the arguments of the tool call of a number, and how much of them."""
    said = {name: value for name, value in choice.delta if value and name != "role"}
    if len(said) != 1 or choice.finish_reason or getattr(choice, "logprobs", None):
        return None, ""
    [(name, value)] = said.items()
    if name in ("content", "reasoning_content"):
        return name, value
    if name == "tool_calls" and len(value) == 1 and not value[0].id and not value[0].function.name:
        return ("arguments", value[0].index), value[0].function.arguments or ""
    return None, ""
