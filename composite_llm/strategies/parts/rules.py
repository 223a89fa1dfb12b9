"""Rules by which a router sends a request on without asking anybody. Pure functions of what the client sent."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from composite_llm.strategies.parts.acceptance import compilable
from composite_llm.strategies.parts.validators import matches

Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Facts:
    """Of a request."""

    question: str
    """Text of the user's last message."""
    messages: int
    tools: bool
    """Whether it brings tools, or tells of calls."""
    context_tokens: int
    """Of all its messages; 0 where no rule asks."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Word = Annotated[str, Field(min_length=1)]


class Rule(BaseModel):
    """Holds where all its conditions do."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    route: str
    tools: bool | None = None
    """True: it brings tools, or tells of calls; False: neither."""
    min_context_tokens: Count | None = None
    max_context_tokens: Count | None = None
    min_messages: Count | None = None
    max_messages: Count | None = None
    keywords: Annotated[list[Word], BeforeValidator(_as_list)] = []
    """One of them stands in the user's last message, as a whole word, in upper or lower case."""
    regex: Annotated[str, Field(min_length=1), AfterValidator(compilable)] | None = None
    """Is found in the user's last message."""

    @property
    def asks_for_tokens(self) -> bool:
        return not self.min_context_tokens is self.max_context_tokens is None

    @property
    def conditions(self) -> list[str]:
        given = {name: getattr(self, name) for name in type(self).model_fields if name != "route"}
        return [name for name, value in given.items() if value not in (None, [])]

    def holds(self, facts: Facts) -> bool:
        return all(self._held(facts))

    def _held(self, facts: Facts) -> Iterator[bool]:
        yield self.tools in (None, facts.tools)
        yield _between(self.min_context_tokens, facts.context_tokens, self.max_context_tokens)
        yield _between(self.min_messages, facts.messages, self.max_messages)
        yield not self.keywords or any(_is_said(word, facts.question) for word in self.keywords)
        yield self.regex is None or matches(facts.question, self.regex)


def first_that_holds(rules: Sequence[Rule], facts: Facts) -> tuple[int, Rule] | None:
    """With its position, counted from 1."""
    return next(((place, rule) for place, rule in enumerate(rules, start=1) if rule.holds(facts)), None)


def _between(least: int | None, found: int, most: int | None) -> bool:
    return (least is None or found >= least) and (most is None or found <= most)


def _is_said(word: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None
