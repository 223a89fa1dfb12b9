"""Whether a value fits a JSON Schema, where the schema comes from a client or a profile and the value from a model.

The library itself would fetch a `$ref` that leads away (from the web, or from this disk), and an expression with
repetitions inside repetitions would keep this process busy for ever. Here nothing is fetched, and all patterns of
one check together have a time limit.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import referencing
import regex
from jsonschema import Draft202012Validator, SchemaError, ValidationError, validators
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

SECONDS_FOR_PATTERNS = 0.2

_UNBOUNDED = "patternProperties"
"""Three of the library's keywords apply its patterns, and none with a time limit."""


class UnusableSchema(ValueError):
    """A schema that nothing can be held against. `str()` says why."""


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raises UnusableSchema."""
    try:
        Draft202012Validator.check_schema(schema)
        if _holds(schema, _UNBOUNDED):
            raise UnusableSchema(f"{_UNBOUNDED} is not supported")
    except SchemaError as error:
        raise UnusableSchema(f"it is no JSON Schema: {error.json_path}: {error.message:.200}") from None
    except RecursionError:
        raise UnusableSchema("it is nested too deeply") from None


def misfit(value: Any, schema: Mapping[str, Any]) -> str | None:
    """What does not fit, and where, in words; None where all does. Raises UnusableSchema."""
    check_schema(schema)
    bounded: Any = validators.extend(Draft202012Validator, {"pattern": _Patterns().pattern})
    try:
        held = bounded(schema, registry=_only(schema))
        found = next(held.iter_errors(value), None)
    except (Unresolvable, regex.error, TimeoutError, RecursionError) as error:
        raise UnusableSchema(f"it cannot be applied: {type(error).__name__}: {error!s:.200}") from None
    return f"{found.json_path}: {found.message:.300}" if found else None


def _only(schema: Mapping[str, Any]) -> Any:
    """References lead to places in the schema itself, and nowhere else."""
    return referencing.Registry().with_resource("", DRAFT202012.create_resource(schema))


def _holds(value: Any, key: str) -> bool:
    if isinstance(value, Mapping):
        return key in value or any(_holds(entry, key) for entry in value.values())
    return isinstance(value, list) and any(_holds(entry, key) for entry in value)


class _Patterns:
    """The keyword `pattern`, with the time that all of them together have left."""

    def __init__(self) -> None:
        self._left = SECONDS_FOR_PATTERNS

    def pattern(self, validator: Any, pattern: str, value: Any, schema: Any) -> Iterator[ValidationError]:
        if validator.is_type(value, "string") and not self._found(pattern, value):
            yield ValidationError(f"{value!r:.100} does not match {pattern!r:.100}")

    def _found(self, pattern: str, text: str) -> bool:
        if self._left <= 0:
            raise TimeoutError("its patterns take too long")
        began = time.monotonic()
        try:
            return regex.search(pattern, text, timeout=self._left) is not None
        finally:
            self._left -= time.monotonic() - began
