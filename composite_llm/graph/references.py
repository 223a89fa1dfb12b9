"""Which other steps a step names, and where."""

from collections.abc import Iterator, Mapping
from typing import Any

from composite_llm.graph import conditions
from composite_llm.graph.results import FIELDS
from composite_llm.graph.steps import (
    BaseCall,
    Fanout,
    If,
    LoopUntil,
    Mode,
    Reflect,
    Score,
    Step,
    Synthesize,
    Think,
    Tool,
    Vote,
)
from composite_llm.request.prompts import ALWAYS, places_in

Path = tuple[str | int, ...]
Reference = tuple[Path, str]
"""Where in the step, and the name."""

OF_THE_PROMPT: Mapping[type[Step], tuple[str, ...]] = {
    Synthesize: ("answers",),
    Think: ("answers",),
    Vote: ("answers",),
    Score: ("answer", "criteria"),
    Reflect: ("draft", "feedback"),
}
"""Places that a step of this kind fills in itself, beside those that name steps."""


def inputs(step: Step) -> Iterator[Reference]:
    """The steps a step works on; not those its condition or its prompts name."""
    match step:
        case Synthesize() | Vote() | Score():
            names = getattr(step, step.kind)
            yield from (((step.kind,), name) for name in names)
        case Think():
            yield from ((("think",), name) for name in step.think or ())
        case Reflect():
            yield ("reflect",), step.reflect
        case LoopUntil():
            if step.start is not None:
                yield ("start",), step.start
        case If():
            yield ("then",), step.then
            yield ("else",), step.otherwise
        case _:
            return


def texts(step: Step) -> Iterator[tuple[Path, str]]:
    """Every text of a step that may have places to fill in, and where it stands."""
    match step:
        case BaseCall():
            if step.base_call is not None:
                yield ("base_call",), step.base_call
        case Tool():
            yield from _texts_in(("arguments",), step.arguments)
        case Reflect():
            yield from (
                ((name,), text)
                for name in ("critique_prompt", "prompt")
                if (text := getattr(step, name)) is not None
            )
        case Fanout() | Synthesize() | Think() | Vote() | Score() | Mode():
            if step.prompt is not None:
                yield ("prompt",), step.prompt
        case _:
            return


def places(step: Step) -> Iterator[Reference]:
    """Names of steps in its texts, with the field where one is asked for: `check.feedback`."""
    own = (*ALWAYS, *OF_THE_PROMPT.get(type(step), ()))
    for path, text in texts(step):
        yield from ((path, place) for place in places_in(text) if place not in own)


def needs(step: Step, scope: Mapping[str, Step]) -> list[str]:
    """The steps in `scope` whose results must be there before this one can begin, each once.

    What an `if` may go on with, and what only the steps inside a loop read, comes when it is asked for.
    """
    named = [] if isinstance(step, If) else [name for _, name in inputs(step)]
    named += [place.split(".")[0] for _, place in places(step)]
    if isinstance(step, If):
        named += conditions.check(step.condition, fields_of(scope))
    return list(dict.fromkeys(name for name in named if name in scope))


def fields_of(scope: Mapping[str, Step]) -> dict[str, conditions.Fields]:
    return {name: FIELDS[step.kind] for name, step in scope.items()}


def _texts_in(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _texts_in((*path, str(key)), entry)
    elif isinstance(value, list):
        for position, entry in enumerate(value):
            yield from _texts_in((*path, position), entry)
