"""Who is asked: a model, or a composite with parameters of its own."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from composite_llm.request.route import COMPOSITE_PREFIX


class Asked(BaseModel):
    """`{strategy: moa, model: openai/gpt-4o, proposers: […]}` is short for the model `composite/moa/openai/gpt-4o`
    with `composite: {proposers: […]}`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str
    """`openai/gpt-4o`, `composite/<profile>`, `composite/<strategy>/<provider>/<model>`."""
    composite: Mapping[str, Any] = {}
    """Of a composite: parameters and options, as in a profile of it."""

    @model_validator(mode="before")
    @classmethod
    def _of_a_strategy(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "strategy" not in given:
            return given
        own = {name: value for name, value in given.items() if name in cls.model_fields}
        its = {name: value for name, value in given.items() if name not in own and name != "strategy"}
        model = f"{COMPOSITE_PREFIX}{given['strategy']}/{own.get('model', '')}".removesuffix("/")
        return {**own, "model": model, "composite": {**its, **own.get("composite", {})}}

    @model_validator(mode="after")
    def _only_composites_have_parameters(self) -> "Asked":
        if self.composite and not self.model.startswith(COMPOSITE_PREFIX):
            raise ValueError(f"{self.model} is no composite, and takes no parameters of one")
        return self

    @property
    def with_its_own(self) -> dict[str, Any]:
        """For the parameters of a call to it."""
        return {"composite": dict(self.composite)} if self.composite else {}


def asked_in(value: Any) -> Iterator[Asked]:
    """Everybody that stands anywhere in these parameters."""
    if isinstance(value, Asked):
        yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from asked_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from asked_in(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from asked_in(entry)
