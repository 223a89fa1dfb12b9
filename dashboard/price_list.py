"""Prices per token by kind, of the tables that costs are recorded from.

A span says what it cost and which table that came from, not the price of each kind of token. Here the same table is
read again, as far as it is the one named: LiteLLM's as it is installed, or the user's own file. What is made of it
is held against the recorded cost (`dashboard.cost_parts`), so that a price that has changed since is never shown.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from composite_llm.accounting import own_prices

TABLE = "model_prices_and_context_window_backup.json"
"""LiteLLM's own name. Importing LiteLLM for it would take seconds and hundreds of megabytes."""
FIELDS = (
    "input_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
    "output_cost_per_token",
    "output_cost_per_reasoning_token",
)


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars per token. What has no price of its own costs as any input, or any output."""

    input: float
    output: float
    cached: float | None = None
    cache_write: float | None = None
    reasoning: float | None = None


def prices_of(model: str, table: str | None) -> Prices | None:
    """Of `provider/model` by the table that a span names (`composite.cost.price_version`); None where that is another
    one than is at hand, or lacks the model."""
    plain = own_prices.plain_name(model)
    if table == _installed():
        known = _listed()
        found = known.get(plain) or known.get(plain.partition("/")[2])
        return _prices(*found) if found else None
    return _own(plain, table) if table else None


def _own(model: str, table: str) -> Prices | None:
    entries = own_prices.read(own_prices.file()).prices
    named = [entry for entry in entries if entry.model == model and entry.version == table]
    if not named:
        return None
    last, million = named[-1], own_prices.MILLION
    return Prices(
        last.input / million,
        last.output / million,
        cached=None if last.cached_input is None else last.cached_input / million,
        reasoning=None if last.reasoning is None else last.reasoning / million,
    )


def _prices(
    given: float, cached: float | None, cache_write: float | None, made: float, reasoning: float | None
) -> Prices:
    return Prices(given, made, cached, cache_write, reasoning)


@cache
def _installed() -> str | None:
    try:
        return f"litellm-{version('litellm')}"
    except PackageNotFoundError:
        return None


@cache
def _listed() -> Mapping[str, tuple[Any, ...]]:
    """Model -> its prices in the order of `FIELDS`, of models that are billed by the token."""
    found = find_spec("litellm")
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / TABLE
        if path.is_file():
            entries = json.loads(path.read_text("utf-8"))
            return {
                name: tuple(entry.get(field) for field in FIELDS)
                for name, entry in entries.items()
                if _is_price(entry.get(FIELDS[0])) and _is_price(entry.get(FIELDS[3]))
            }
    return {}


def _is_price(value: Any) -> bool:
    return isinstance(value, int | float)
