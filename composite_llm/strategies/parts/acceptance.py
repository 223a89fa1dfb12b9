"""What an answer must pass to be accepted, as a cascade's steps say it. Each gives a score from 0 to 1."""

from typing import Annotated, Any, Literal

import regex
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    FiniteFloat,
    Tag,
)

from composite_llm.json_schema import UnusableSchema, check_schema
from composite_llm.strategies.parts.agreement import By

Threshold = Annotated[FiniteFloat, Field(ge=0, le=1)]
KINDS = ("judge", "consistency", "logprob", "validator")


class Acceptance(BaseModel):
    """`threshold`: from which score on it is passed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Judged(Acceptance):
    """A model marks the answer from 0 to 10; the score is a tenth of that."""

    type: Literal["judge"] = "judge"
    threshold: Threshold = 0.7
    model: str | None = None
    """None: the step's own model."""
    criteria: Annotated[str, Field(min_length=1)] = (
        "is it correct, does it do all that was asked, and can it be used as it stands?"
    )


class Consistent(Acceptance):
    """The step's model is asked several times; the score is the share that comes to the most frequent answer
    (Yue et al. 2024, arXiv 2310.03094). A sample that fails agrees with nobody."""

    type: Literal["consistency"]
    threshold: Threshold = 0.6
    samples: Annotated[int, Field(ge=2, le=16)] = 5
    temperature: Annotated[FiniteFloat, Field(ge=0, le=2)] | None = 0.7
    """The client's own goes before it."""
    by: By = "auto"


class Probable(Acceptance):
    """The score is the geometric mean of the probabilities its model gave to the answer's tokens."""

    type: Literal["logprob"]
    threshold: Threshold = 0.8


def compilable(text: str) -> str:
    """ValueError for what is no regular expression."""
    try:
        regex.compile(text)
    except regex.error as error:
        raise ValueError(f"{text!r:.100} is no regular expression: {error}") from None
    return text


def _schema(schema: dict[str, Any]) -> dict[str, Any]:
    try:
        check_schema(schema)
    except UnusableSchema as error:
        raise ValueError(str(error)) from None
    return schema


class Valid(Acceptance):
    """Checks that ask nobody; the score is the share of them that the answer passes. Those on text are left out
    where it calls tools, and tools are looked at only then."""

    type: Literal["validator"]
    threshold: Threshold = 1.0
    refusal: bool = True
    """It does not begin as refusals do."""
    complete: bool = True
    """It was not cut off at a token limit that the client did not set."""
    response_format: bool = True
    """Where the client asks for JSON it is that, by the client's schema."""
    tool_calls: bool = True
    """Each tool it calls was offered, with arguments that fit."""
    min_chars: Annotated[int, Field(ge=1)] | None = None
    regex: Annotated[str, Field(min_length=1), AfterValidator(compilable)] | None = None
    """Is found in it somewhere."""
    json_schema: Annotated[dict[str, Any], AfterValidator(_schema)] | None = None
    """It is JSON by this schema."""


def _kind(value: Any) -> Any:
    return value.get("type", "judge") if isinstance(value, dict) else getattr(value, "type", None)


def _known(value: Any) -> Any:
    if _kind(value) not in KINDS:
        raise ValueError(f"a test is a mapping with a `type`: one of {', '.join(KINDS)}")
    return value


AnyTest = Annotated[
    Annotated[Judged, Tag("judge")]
    | Annotated[Consistent, Tag("consistency")]
    | Annotated[Probable, Tag("logprob")]
    | Annotated[Valid, Tag("validator")],
    Discriminator(_kind),
    BeforeValidator(_known),
]


def _as_tests(value: Any) -> Any:
    """One test, or several, by name where nothing else is said: `accept: judge`, `accept: [validator, judge]`."""
    entries = value if isinstance(value, list) else [value]
    return [{"type": entry} if isinstance(entry, str) else entry for entry in entries]


Tests = Annotated[list[AnyTest], BeforeValidator(_as_tests), Field(min_length=1)]
"""All must be passed; the next one is made only where those before it are."""
