"""Where a router may send a request, as it is written down, and what can be wrong with that."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from composite_llm.strategies.parameters import StrategyParameters
from composite_llm.strategies.parts.asked import Asked
from composite_llm.strategies.parts.rules import Rule

DIRECT = "direct"
"""The base model alone, which needs no route of its own."""

RouteName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][\w-]{0,40}$")]
Complaint = tuple[tuple[str | int, ...], str]


class Destination(Asked):
    """A model, or a composite by its name, or `{strategy: moa, model: …, proposers: …}`."""

    about: str = ""
    """Which requests are for it: what the classifier chooses by."""


def _as_destination(value: Any) -> Any:
    return {"model": value} if isinstance(value, str) else value


class Parameters(StrategyParameters):
    routes: Annotated[
        dict[RouteName, Annotated[Destination, BeforeValidator(_as_destination)]],
        Field(min_length=1, max_length=16, examples=[{"several": "composite/moa-light"}]),
    ]
    rules: list[Rule] = Field(default_factory=list[Rule])
    """The first one that holds decides."""
    classifier: str | None = None
    """A model that is asked where no rule holds. None: nobody is."""
    default: str = DIRECT
    """The route of requests that neither a rule nor the classifier places, and the one that is taken where another
    fails. `direct`: the base model alone."""
    passthrough_on_tools: bool = False
    """True: a request about tools goes to the base model alone, whatever the rules say."""

    @property
    def needs_the_base_model(self) -> bool:
        named = {self.default, *(rule.route for rule in self.rules)}
        return self.passthrough_on_tools or DIRECT in named

    def destination(self, route: str, base_model: str) -> Destination:
        return self.routes[route] if route in self.routes else Destination(model=base_model)

    def models(self, base_model: str) -> list[str]:
        """Last who answers where nobody else can."""
        asked = [self.classifier] if self.classifier else []
        asked += [route.model for route in self.routes.values()]
        last = base_model if base_model or self.needs_the_base_model else self.routes[self.default].model
        return [*asked, last]

    def complaints(self) -> list[Complaint]:
        return [*self._unknown()] or [*self._idle()]

    def _unknown(self) -> Iterator[Complaint]:
        if DIRECT in self.routes:
            yield ("routes", DIRECT), "is the base model alone, and needs no route; choose another name"
        for place, rule in enumerate(self.rules):
            if wrong := _unknown(rule.route, self.routes):
                yield ("rules", place, "route"), wrong
            if not rule.conditions:
                yield ("rules", place), "has no condition, so all would go there; say so with `default`"
        if wrong := _unknown(self.default, self.routes):
            yield ("default",), wrong

    def _idle(self) -> Iterator[Complaint]:
        for name, route in self.routes.items():
            if self.classifier and not route.about.strip() and name != self.default:
                yield ("routes", name, "about"), "is missing: the classifier chooses by it"
            used = {self.default, *(rule.route for rule in self.rules)}
            if not self.classifier and name not in used:
                yield (
                    ("routes", name),
                    "nothing leads there: no rule, no classifier, and it is not the default",
                )


def _unknown(name: str, routes: Mapping[str, Destination]) -> str | None:
    known = [*routes, DIRECT]
    if name in known:
        return None
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"
    return f"there is no route {name!r}{hint}"
