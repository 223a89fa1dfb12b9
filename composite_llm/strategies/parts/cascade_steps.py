"""The steps of a cascade as they are written down, and what can be wrong with them."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, TypeVar

import litellm
from pydantic import BeforeValidator, Field

from composite_llm.errors import BadRequest
from composite_llm.request.route import COMPOSITE_PREFIX, named
from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.parts.acceptance import Acceptance, Judged, Probable, Tests
from composite_llm.strategies.parts.members import Member, as_entries

T = TypeVar("T", bound=Acceptance)
Complaint = tuple[tuple[str | int, ...], str]


class Step(Member):
    accept: Tests | None = None
    """`judge`, `consistency`, `logprob`, `validator`, or one with settings, `{type: judge, threshold: 0.8}`; of
    several all must be passed. None: its answer is accepted as it is, which only the last step's may be."""

    def test_of(self, kind: type[T]) -> T | None:
        return next((test for test in self.accept or () if isinstance(test, kind)), None)


Steps = Annotated[
    list[Step],
    BeforeValidator(as_entries),
    Field(min_length=1, max_length=8, examples=[[{"model": "openai/gpt-4o-mini", "accept": "judge"}]]),
]


class Parameters(StrategyParameters):
    steps: Steps
    """In the order they are tried. Where the last of them has an `accept`, too, the base model stands behind it."""
    carry: Literal["none", "draft"] = "none"
    """`draft`: a step reads the answer that was not accepted before it."""

    @property
    def tried(self) -> Sequence[Step]:
        return [step for step in self.steps if step.accept]

    def last(self, base_model: str) -> Step:
        return self.steps[-1] if self.steps[-1].accept is None else Step(model=base_model)

    def models(self, base_model: str) -> list[str]:
        judges = [
            test.model
            for step in self.tried
            for test in step.accept or ()
            if isinstance(test, Judged) and test.model
        ]
        return [*judges, *(step.model for step in self.tried), self.last(base_model).model]

    def complaints(self) -> list[Complaint]:
        if not self.tried:
            return [
                (("steps", 0, "accept"), "is missing: nothing is tested, so the first step would always do")
            ]
        return [*_wrong(self.steps)]


def _wrong(steps: Sequence[Step]) -> Iterator[Complaint]:
    for place, step in enumerate(steps):
        if step.accept is None and place < len(steps) - 1:
            yield ("steps", place, "accept"), "is missing: only the last step's answer is taken as it is"
        for name, why in _wrong_with(step):
            yield ("steps", place, name), why


def _wrong_with(step: Step) -> Iterator[tuple[str, str]]:
    if step.count > 1:
        yield "count", "a step is asked once; `accept: {type: consistency, samples: …}` asks several times"
    kinds = [test.type for test in step.accept or ()]
    if len(set(kinds)) < len(kinds):
        yield "accept", "each type of test can stand in it once"
    judged = step.test_of(Judged)
    if judged and not judged.model and step.model.startswith(COMPOSITE_PREFIX):
        yield "accept", "the judge of a composite's answer needs a `model`"
    if step.test_of(Probable) and not _tells_probabilities(step.model):
        yield "accept", f"{step.model} tells no probabilities; use another type of test"


def _tells_probabilities(model: str) -> bool:
    """True also where nobody knows."""
    if model.startswith(COMPOSITE_PREFIX):
        return False
    try:
        way = named(model)
    except BadRequest:  # such as a Router's model group
        return True
    known = litellm.get_supported_openai_params(way.model, way.provider)
    return known is None or "logprobs" in known
