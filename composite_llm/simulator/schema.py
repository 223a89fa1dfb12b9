"""A value that conforms to a JSON schema, drawn by chance.

Covers what structured outputs and tool parameters use: objects, arrays, strings, numbers, enum, const,
anyOf/oneOf/allOf and $ref. An array over an enum is drawn without repeats and, unless its length is
given, holds every label, so a schema for a ranking yields a full ranking.
"""

from collections.abc import Callable, Mapping
from math import ceil, floor
from random import Random
from typing import Any

from composite_llm.simulator.fields import as_array, as_object, bad_request

DEEP = 5
"""From here on a recursive schema is drawn as small as it allows."""
DEEPEST = 40
TRIES = 50
MOST = 10_000
"""The longest array or text a schema may demand."""
FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T09:30:00Z",
    "time": "09:30:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "5f0c7a4e-8a0b-4c53-9d5e-2f3b1c7d9e10",
}


class SchemaDraw:
    def __init__(self, root: Mapping[str, Any], chance: Random, text: Callable[[str], str]) -> None:
        self._root = root
        self._chance = chance
        self._text = text
        """Words for a string property of this name."""

    def draw(self) -> Any:
        try:
            return self._value(self._root, "", 0)
        # Nothing checks a schema beforehand: one that makes no sense is found out by drawing from it.
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise bad_request(f"The JSON schema makes no sense: {error}.") from error

    def _value(self, described: object, name: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise bad_request("The JSON schema can only be met by an endless value.", "response_format")
        schema = self._resolved({} if described is True else described)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._chance.choice(as_array(schema["enum"], "enum"))
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self._value(self._branch(as_array(schema[union], union), depth), name, depth + 1)
        match self._type(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, name, depth)
            case "integer":
                return int(self._number(schema, name, whole=True))
            case "number":
                return self._number(schema, name, whole=False)
            case "boolean":
                return self._chance.random() < 0.5
            case "null":
                return None
            case _:
                return self._string(schema, name)

    def _resolved(self, described: object) -> Mapping[str, Any]:
        """The schema with its reference followed and its allOf parts laid over each other."""
        schema = as_object(described, "schema")
        for _ in range(DEEPEST):
            if "$ref" not in schema:
                break
            schema = {**self._referenced(str(schema["$ref"])), **_without(schema, "$ref")}
        for part in as_array(schema.get("allOf") or [], "allOf"):
            schema = _merged(schema, self._resolved(part))
        return schema

    def _referenced(self, reference: str) -> Mapping[str, Any]:
        target: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            target = as_object(target, reference).get(step.replace("~1", "/").replace("~0", "~"))
        if not reference.startswith("#") or target is None:
            raise bad_request(f"The JSON schema refers to {reference!r}, which it does not define.")
        return as_object(target, reference)

    def _type(self, schema: Mapping[str, Any]) -> str:
        kind = schema.get("type")
        if isinstance(kind, list):
            return next((str(one) for one in as_array(kind, "type") if one != "null"), "null")
        if kind is None:
            return "object" if "properties" in schema else "array" if "items" in schema else "string"
        return str(kind)

    def _branch(self, branches: list[Any], depth: int) -> Any:
        if depth < DEEP:
            return self._chance.choice(branches)
        return min(branches, key=lambda branch: self._type(self._resolved(branch)) in ("object", "array"))

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = as_object(schema.get("properties") or {}, "properties")
        required = as_array(schema.get("required") or [], "required")
        return {
            name: self._value(described, name, depth + 1)
            for name, described in properties.items()
            if name in required or depth < DEEP
        }

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        items = self._resolved(schema.get("items") or {})
        labels = as_array(items["enum"], "enum") if "enum" in items else []
        count = self._count(schema, len(labels), depth)
        if labels and count <= len(labels):
            return self._chance.sample(labels, count)
        if schema.get("uniqueItems"):
            return self._distinct(items, name, count, depth)
        return [self._value(items, name, depth + 1) for _ in range(count)]

    def _count(self, schema: Mapping[str, Any], labels: int, depth: int) -> int:
        least = _bounded(schema, "minItems")
        usual = least if depth >= DEEP else labels or max(least, self._chance.randint(2, 3))
        return max(least, min(usual, int(schema.get("maxItems", usual))))

    def _distinct(self, items: Mapping[str, Any], name: str, count: int, depth: int) -> list[Any]:
        values: list[Any] = []
        for _ in range(TRIES * count):
            if len(values) == count:
                return values
            value = self._value(items, name, depth + 1)
            if isinstance(value, str) and value in values:
                value = f"{value} ({len(values) + 1})"
            if value not in values:
                values.append(value)
        raise bad_request(f"The JSON schema asks for {count} different items but allows too few.")

    def _number(self, schema: Mapping[str, Any], name: str, whole: bool) -> float:
        step = float(schema.get("multipleOf") or (1 if whole else 0.01))
        low, high = _bounds(schema, 0 if "score" in name or not whole else 1, 10 if whole else 1, step)
        first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
        if first > last:
            raise bad_request(f"The JSON schema allows no number for {name!r}.")
        return round(self._chance.randint(first, last) * step, 10)

    def _string(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") in FORMATS:
            return FORMATS[str(schema["format"])]
        text = self._text(name)
        while len(text) < _bounded(schema, "minLength"):
            text = f"{text} {self._text(name)}"
        return text[: int(schema.get("maxLength", len(text)))]


def _bounded(schema: Mapping[str, Any], key: str) -> int:
    least = int(schema.get(key) or 0)
    if least > MOST:
        raise bad_request(f"The JSON schema demands more than the simulator writes: {key} {least}.")
    return least


def _bounds(schema: Mapping[str, Any], low: float, high: float, step: float) -> tuple[float, float]:
    """The range to draw from; a range open on one side is as wide as the usual one."""
    width = max(high - low, step)
    least: Any = schema.get("minimum")
    most: Any = schema.get("maximum")
    if "exclusiveMinimum" in schema:
        least = schema["exclusiveMinimum"] + step
    if "exclusiveMaximum" in schema:
        most = schema["exclusiveMaximum"] - step
    if least is None:
        least = low if most is None or most >= low + width else most - width
    if most is None:
        most = max(high, least + width)
    return float(least), float(most)


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = {**(one.get("properties") or {}), **(other.get("properties") or {})}
    required = [*(one.get("required") or []), *(other.get("required") or [])]
    both: dict[str, Any] = {**other, **_without(one, "allOf")}
    return (
        both
        | ({"properties": properties} if properties else {})
        | ({"required": required} if required else {})
    )


def _without(schema: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}
