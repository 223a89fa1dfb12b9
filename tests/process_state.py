"""What a process has once for all its tests, as it was before one of them: LiteLLM's settings, callbacks and prices,
our registries and memories, the environment.

A Router enters its models into LiteLLM's price table and its callbacks into lists that take no more than thirty, for
as long as the process lives; a test that runs later in it would see other prices, or no callback of its own.
"""

import logging
import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

OURS = (
    ("composite_llm.accounting.receipts", "_of_streams"),
    ("composite_llm.engine.resilience", "_merging"),
    ("composite_llm.strategies.registry", "STRATEGIES"),
    ("composite_llm.telemetry.tracer", "_provider"),
    ("composite_llm.telemetry.tracer", "_tracer"),
    ("composite_llm.tools.registry", "_REGISTERED"),
)
"""Modules and what in them changes: put back where a test left it otherwise."""
REMEMBERED = (
    "composite_llm.caching.answers",
    "composite_llm.caching.panel",
    "composite_llm.tools.hidden_turns",
)
"""Modules whose `_memory` may hold an answer to the question of a later test."""
LOGGERS = ("", "LiteLLM", "collector", "composite_llm")
OF_LIBRARIES = {"PYTEST_CURRENT_TEST", "TIKTOKEN_CACHE_DIR"}
"""What pytest and LiteLLM set in the environment by themselves."""
CONTAINERS = (dict, list, set)
PLAIN = (bool, float, int, str, tuple, type(None), *CONTAINERS)

_prices: dict[str, dict[str, Any]] = {}
_prices_changed = 0
"""LiteLLM counts how often its table has changed; here the count at which `_prices` was the table."""


@contextmanager
def unchanged() -> Generator[None]:
    """Everything is put back in the end, except for the environment: whoever leaves that changed fails."""
    environment, folder = _environment(), os.getcwd()
    put_back = [*_settings(), *_registries(), *_levels()]
    _remember_prices()
    yield
    for undo in put_back:
        undo()
    for module in filter(None, map(sys.modules.get, REMEMBERED)):
        module._memory.clear()
    _restore_prices()
    assert (_environment(), os.getcwd()) == (environment, folder), "left behind for the tests that follow"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in OF_LIBRARIES}


def _settings() -> list[Callable[[], None]]:
    """LiteLLM's, which are variables of its module; its prices are dealt with apart."""
    if not (litellm := sys.modules.get("litellm")):
        return []
    return [
        _undo(vars(litellm), name)
        for name, value in vars(litellm).items()
        if isinstance(value, PLAIN) and not name.startswith("__") and name != "model_cost"
    ]


def _registries() -> list[Callable[[], None]]:
    return [_undo(vars(sys.modules[module]), name) for module, name in OURS if module in sys.modules]


def _levels() -> list[Callable[[], None]]:
    loggers = map(logging.getLogger, LOGGERS)
    return [partial(logger.setLevel, logger.level) for logger in loggers]


def _undo(variables: dict[str, Any], name: str) -> Callable[[], None]:
    value = variables[name]
    content = value.copy() if isinstance(value, CONTAINERS) else None

    def undo() -> None:
        if variables.get(name) is not value:
            variables[name] = value
        if content is not None and value != content:
            value.clear()
            value.extend(content) if isinstance(value, list) else value.update(content)

    return undo


def _remember_prices() -> None:
    global _prices_changed
    if _prices or not (litellm := sys.modules.get("litellm")):
        return
    _prices.update({name: dict(entry) for name, entry in litellm.model_cost.items()})
    _prices_changed = sys.modules["litellm.utils"].get_model_cost_mutation_generation()


def _restore_prices() -> None:
    """The table as shipped, and what LiteLLM has worked out from it forgotten."""
    global _prices_changed
    if (
        not _prices
        or (utils := sys.modules["litellm.utils"]).get_model_cost_mutation_generation() == _prices_changed
    ):
        return
    table = sys.modules["litellm"].model_cost
    for name in [name for name in table if name not in _prices]:
        del table[name]
    table.update({name: dict(entry) for name, entry in _prices.items() if table.get(name) != entry})
    utils._registered_pricing_fields().clear()
    utils._runtime_registered_model_cost.clear()
    utils._invalidate_model_cost_lowercase_map()
    _prices_changed = utils.get_model_cost_mutation_generation()
