"""Recorded answers: a JSONL file (plain or gzip) whose lines say what each model answered to an instruction.

    {"instruction": "Who made Berlin?", "outputs": {"gpt-4o": "…", "qwen": {"content": "…", "usage": {…}}}}

An answer with `usage` reports exactly that usage. What is not recorded is refused, never made up.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from composite_llm.simulator.errors import OptionError, ReplayFileError, RequestRefused
from composite_llm.simulator.fields import as_object, as_text
from composite_llm.simulator.profiles import own_name
from composite_llm.simulator.request import Message
from composite_llm.simulator.usage import Usage, stated_usage

SHOWN = 60
"""Characters of an instruction shown in an error."""


@dataclass(frozen=True, slots=True)
class Recorded:
    content: str
    usage: Mapping[str, Any] | None


class Replay:
    def __init__(self, answers: dict[str, dict[str, Recorded]], aliases: Mapping[str, str]) -> None:
        self._answers = answers
        self._aliases = aliases
        self._longest_first = sorted(answers, key=len, reverse=True)
        self.models = sorted({model for outputs in answers.values() for model in outputs} | set(aliases))

    def __len__(self) -> int:
        return len(self._answers)

    def answer(self, model: str, messages: Sequence[Message]) -> Recorded:
        return self._by_model(model, self._answers[self._instruction(messages)])

    def json_answer(self, model: str, messages: Sequence[Message]) -> Recorded | None:
        """The same where it is a JSON object; None where it is prose, or nothing is recorded."""
        try:
            found = self.answer(model, messages)
        except RequestRefused:
            return None
        return found if found.content.lstrip().startswith("{") else None

    def _instruction(self, messages: Sequence[Message]) -> str:
        asked = next(
            (message.content for message in reversed(messages) if message.role == "user"), ""
        ).strip()
        if asked in self._answers:
            return asked
        # The last turn is searched first: an answer among the references may quote another instruction.
        for text in (asked, "\n".join(message.content for message in messages)):
            found = next((known for known in self._longest_first if _contains(text, known)), None)
            if found is not None:
                return found
        raise _not_recorded("No recorded instruction matches", asked, self._longest_first)

    def _by_model(self, model: str, outputs: Mapping[str, Recorded]) -> Recorded:
        name = model.removeprefix("openai/")
        alias = self._aliases.get(model) or self._aliases.get(name) or self._aliases.get(own_name(name))
        for key in (model, name, alias, own_name(name)):
            if key is not None and key in outputs:
                return outputs[key]
        raise _not_recorded(
            "This instruction has no recorded answer of the model", alias or name, list(outputs)
        )


def load_replay(path: Path, aliases: Mapping[str, str]) -> Replay:
    """Every line of the file, checked. Raises ReplayFileError with the file and the line."""
    answers: dict[str, dict[str, Recorded]] = {}
    try:
        for number, line in _lines(path):
            instruction, outputs = _line(line, f"{path}, line {number}")
            answers.setdefault(instruction, {}).update(outputs)
    except UnicodeDecodeError as error:
        raise ReplayFileError(str(path), "is not UTF-8 text") from error
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ReplayFileError(str(path), f"cannot be read ({reason})") from error
    if not answers:
        raise ReplayFileError(str(path), "holds no recorded answers")
    _check_aliases(aliases, {model for outputs in answers.values() for model in outputs})
    return Replay(answers, aliases)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as start:
        packed = start.read(2) == b"\x1f\x8b"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as lines:
        yield from ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _line(line: str, place: str) -> tuple[str, dict[str, Recorded]]:
    try:
        fields = as_object(json.loads(line), "line")
        instruction = as_text(fields.get("instruction"), "instruction").strip()
        outputs = as_object(fields.get("outputs"), "outputs")
        recorded = {model: _recorded(output, f"outputs.{model}") for model, output in outputs.items()}
    except json.JSONDecodeError as error:
        raise ReplayFileError(place, f"not valid JSON ({error.msg})") from error
    except RequestRefused as error:
        raise ReplayFileError(place, str(error)) from error
    if not instruction:
        raise ReplayFileError(place, "'instruction' is empty.")
    return instruction, recorded


def _recorded(output: object, name: str) -> Recorded:
    if isinstance(output, str):
        return Recorded(output, None)
    fields = as_object(output, name)
    usage = fields.get("usage")
    if usage is not None:
        stated_usage(usage, Usage(0, 0))  # refuses what cannot be reported later
    return Recorded(as_text(fields.get("content"), f"{name}.content"), usage)


def _check_aliases(aliases: Mapping[str, str], recorded: set[str]) -> None:
    for model, target in aliases.items():
        if target not in recorded:
            near = _nearest(target, recorded)
            raise OptionError(f"The alias {model}={target} names no recorded model; nearest: {near}.")


def _contains(text: str, instruction: str) -> bool:
    """True when the instruction stands in the text as whole words."""
    start = text.find(instruction)
    if start < 0:
        return False
    end = start + len(instruction)
    return not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum())


def _not_recorded(problem: str, sought: str, known: Iterable[str]) -> RequestRefused:
    message = f"{problem} {_shown(sought)!r}. Nearest recorded: {_nearest(sought, known)}."
    return RequestRefused(404, message, code="not_recorded")


def _nearest(sought: str, known: Iterable[str]) -> str:
    by_start = {_shown(key): None for key in known}
    near = get_close_matches(_shown(sought), by_start, n=3, cutoff=0.0)
    return ", ".join(repr(key) for key in near)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
