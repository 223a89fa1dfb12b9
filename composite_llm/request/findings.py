"""What pydantic found wrong with parameters, in words a person can act on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from composite_llm.errors import BadRequest
from composite_llm.graph.kinds import KINDS
from composite_llm.request.given import Given, known_names, option_names
from composite_llm.request.options import Options
from composite_llm.request.prompts import override_complaints
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.parts.acceptance import KINDS as TESTS
from composite_llm.strategies.registry import Strategy

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Finding:
    path: tuple[str | int, ...]
    """Where: `("budget", "max_calls")`; empty for the whole."""
    said: str
    """What is wrong there, for who is shown the place beside it."""
    within: str = "{place}: {said}"
    """How both are one sentence."""

    @property
    def sentence(self) -> str:
        """Names the field itself."""
        return self.within.format(place=dotted(self.path), said=self.said)


def dotted(path: Sequence[str | int]) -> str:
    return ".".join(map(str, path))


def joined(sentences: Sequence[str]) -> str:
    """As one, with a full stop where none has an end of its own."""
    text = "; ".join(sentences).replace("?; ", "? ").replace(".; ", ". ")
    return text if text.endswith(("?", ".")) else f"{text}."


_TAGS: Mapping[str | int, Sequence[str]] = {"steps": KINDS, "accept": TESTS}


class Unusable(BadRequest):
    """Parameters that cannot be used, with one finding for each thing that is wrong."""

    def __init__(self, strategy: str, findings: list[Finding]) -> None:
        super().__init__(f"{strategy}: {joined([finding.sentence for finding in findings])}")
        self.findings = findings


def validated(strategy: Strategy, given: Given) -> tuple[StrategyParameters, Options]:
    """Parameters and options that can be run. Raises Unusable with all that is wrong with both."""
    findings: list[Finding] = []
    options = _read(strategy, Options, given.options, findings)
    parameters = _read(strategy, strategy.parameters, given.own, findings)
    if parameters is not None:
        findings += [Finding(path, wrong) for path, wrong in parameters.complaints()]
    if parameters is not None and options is not None:
        known = [*strategy.prompts, *parameters.own_prompts()]
        findings += [
            Finding(("prompts", stage), wrong) for stage, wrong in override_complaints(options.prompts, known)
        ]
    if findings or options is None or parameters is None:
        raise Unusable(strategy.name, findings)
    return parameters, options


def _read(
    strategy: Strategy, model: type[Model], given: Mapping[str, Any], findings: list[Finding]
) -> Model | None:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        for problem in error.errors():
            path = _without_tags(problem["loc"])
            findings.append(_finding(strategy, model, {**problem, "loc": path}))
        return None


def _without_tags(path: Sequence[str | int]) -> tuple[str | int, ...]:
    """pydantic puts the kind of a step, or of a test, behind its place, where no file has it."""
    kept = [
        part
        for position, part in enumerate(path)
        if not (position >= 2 and part in _TAGS.get(path[position - 2], ()))
    ]
    return tuple(kept)


def _finding(strategy: Strategy, model: type[BaseModel], problem: Any) -> Finding:
    """In words, with an example to copy where the field has one."""
    path, message = problem["loc"], problem["msg"].removeprefix("Value error, ")
    if not path:
        return Finding(path, message, "{said}")
    field = model.model_fields.get(str(path[0]))
    if field is None:
        return Finding(path, _unknown(strategy, dotted(path)), "{said}")
    if problem["type"] in {"missing", "too_short"}:
        example = field.examples[0] if field.examples and len(path) == 1 else None
        return Finding(
            path,
            f"is required, such as {path[0]}={example!r}" if example else "is required",
            "{place} {said}",
        )
    if problem["type"] == "extra_forbidden":
        return Finding(path, "there is no such name", "there is no {place}")
    if problem["type"] == "value_error":
        return Finding(path, message)
    return Finding(path, f"{message.lower()}, not {problem['input']!r:.80}")


def _unknown(strategy: Strategy, name: str) -> str:
    near = get_close_matches(name, known_names(strategy), n=1, cutoff=0.8)
    hint = f"; did you mean {near[0]!r}? Known" if near else "; known"
    own = ", ".join(strategy.parameters.model_fields) or "none"
    options = ", ".join(sorted(option_names(strategy)))
    return f"there is no parameter {name!r}{hint} are {own}; and for every strategy {options}"
