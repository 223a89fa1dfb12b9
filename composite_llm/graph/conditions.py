"""Conditions of `if` and `loop_until`: comparisons over what steps came to, such as `check.score >= 8`.

The language is rule-engine's: no Python is ever evaluated, and names and types are checked when a mode
is read, not when it runs.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import rule_engine
from rule_engine import DataType
from rule_engine.errors import EngineError

NUMBER, TEXT, TRUTH = "number", "text", "truth"

_TYPES: Mapping[str, Any] = {NUMBER: DataType.FLOAT, TEXT: DataType.STRING, TRUTH: DataType.BOOLEAN}

LONGEST = 500

Fields = Mapping[str, str]
"""What one step comes to: the name of each field, and which of the three types it has."""


class BadCondition(ValueError):
    """A condition that cannot be asked. `str()` says why."""


def check(text: str, known: Mapping[str, Fields]) -> list[str]:
    """The steps a condition asks about, in order. BadCondition when it is none over `known`."""
    rule, context = _read(text, known)
    if rule.statement.expression.result_type not in (DataType.BOOLEAN, DataType.UNDEFINED):
        raise BadCondition(f"{text!r} is a value and no condition; compare it, as in {text} >= 8")
    return sorted(context.symbols)


def asked(text: str) -> list[str]:
    """The steps a condition asks about, of one that `check` has passed, whatever part of the mode is looked at."""
    context = rule_engine.Context(resolver=rule_engine.resolve_item)
    rule_engine.Rule(text, context=context)  # fills in the symbols
    return sorted(context.symbols)


def holds(text: str, known: Mapping[str, Fields], values: Mapping[str, Mapping[str, Any]]) -> bool:
    """False also where it asks about something that is not known, such as a mark the judge did not give."""
    rule, _ = _read(text, known)
    try:
        return bool(rule.matches({name: _Values(fields) for name, fields in values.items()}))
    except EngineError:
        return False


class _Values:
    """Fields as attributes, which is how the language reads them."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.__dict__.update(fields)


def _read(text: str, known: Mapping[str, Fields]) -> tuple[Any, Any]:
    frozen = tuple((name, tuple(sorted(fields.items()))) for name, fields in sorted(known.items()))
    return _compiled(text, frozen)


@lru_cache(maxsize=256)
def _compiled(text: str, known: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> tuple[Any, Any]:
    if len(text) > LONGEST:
        raise BadCondition(f"a condition is at most {LONGEST} characters long")
    types = {
        name: DataType.OBJECT(name, {field: _TYPES[kind] for field, kind in fields}) for name, fields in known
    }
    context = rule_engine.Context(
        resolver=rule_engine.resolve_item, type_resolver=rule_engine.type_resolver_from_dict(types)
    )
    try:
        return rule_engine.Rule(text, context=context), context
    except EngineError as error:
        raise BadCondition(f"{text!r} is no condition here: {error.message}") from None
