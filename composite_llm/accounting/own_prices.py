"""Prices of one's own, for models that LiteLLM's table lacks: `prices.yaml` in the data folder.

    - model: openai/my-model   # as spans and the dashboard name it, without sim/
      input: 2.5               # US dollars per million tokens
      output: 10
      cached_input: 0.25       # as input where it is left out
      reasoning: 10            # as output where it is left out
      valid_from: 2026-11-22   # 00:00 UTC

They are asked for calls that nothing else has a price for, when these are made; what is recorded stays as it is.
Of a model's entries the latest that has begun counts, and of those of one day the last. Entries are only ever added,
so that the file tells what a call was priced by.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from composite_llm import settings
from composite_llm.accounting.ledger import Cost, Usage

log = logging.getLogger(__name__)

FILE_NAME = "prices.yaml"
HEADER = """\
# Prices of models that LiteLLM's table lacks, in US dollars per million tokens. They hold for calls made from then on.
"""
MOST_BYTES = 1024 * 1024
MILLION = 1_000_000
SIMULATED_PREFIX = "sim/"

Price = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]


class OwnPrice(BaseModel):
    """US dollars per million tokens. 0 is a price: that of a model that costs nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Annotated[str, Field(min_length=1, max_length=300)]
    input: Price
    output: Price
    cached_input: Price | None = None
    reasoning: Price | None = None
    valid_from: date

    @property
    def version(self) -> str:
        """What spans say of where the cost came from."""
        return f"own-{self.valid_from}"

    def cost(self, usage: Usage) -> Cost:
        """What is written to a cache costs as any input; details that say more than the whole count up to it."""
        cached = min(usage.cached, usage.input)
        reasoning = min(usage.reasoning, usage.output)
        per_cached = self.input if self.cached_input is None else self.cached_input
        per_reasoning = self.output if self.reasoning is None else self.reasoning
        given = ((usage.input - cached) * self.input + cached * per_cached) / MILLION
        made = ((usage.output - reasoning) * self.output + reasoning * per_reasoning) / MILLION
        return Cost(given + made, given, made, own_price=self.version)

    def most(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars of so many tokens at the dearer price of each kind: what a budget has to hold for them."""
        dearest = max(self.input, self.cached_input or 0), max(self.output, self.reasoning or 0)
        return (input_tokens * dearest[0] + output_tokens * dearest[1]) / MILLION


@dataclass(frozen=True, slots=True)
class OwnPrices:
    prices: Sequence[OwnPrice] = ()
    """In the order of the file."""
    problems: Sequence[str] = ()
    """What of the file cannot be used, and why; the rest is."""

    def of(self, model: str, day: date) -> OwnPrice | None:
        """The entry that holds for the model on that day (UTC)."""
        named = [price for price in self.prices if price.model == model and price.valid_from <= day]
        # Of equals, max gives the first: the last entry of a day is the one that corrects the others.
        return max(reversed(named), key=lambda price: price.valid_from, default=None)

    def newest_of(self, model: str) -> OwnPrice | None:
        """The latest one, whether it has begun or not."""
        return self.of(model, date.max)


class UnusablePrices(Exception):
    """An entry cannot be added to the file as it is."""


def file() -> Path:
    return settings.load().data / FILE_NAME


def plain_name(model: str) -> str:
    """A simulated call has the price of the model it stands in for."""
    return model.removeprefix(SIMULATED_PREFIX)


def price_now(model: str) -> OwnPrice | None:
    """What somebody has written down for the model `model`, as spans name it."""
    return read(file()).of(plain_name(model), datetime.now(UTC).date())


def read(path: Path) -> OwnPrices:
    """Parsed anew only when the file has changed: every call without a price comes by here."""
    try:
        status = path.stat()
    except OSError:
        return OwnPrices()
    return _read(path.absolute(), status.st_mtime_ns, status.st_size)


def add(path: Path, price: OwnPrice) -> None:
    """Appended, so that comments stay. Raises UnusablePrices where the file cannot take it, OSError."""
    entry = price.model_dump(mode="json", exclude_none=True)
    # The day as YAML writes days, which Python's own dump would put in quotes.
    entry["valid_from"] = price.valid_from
    text = yaml.safe_dump([entry], sort_keys=False, allow_unicode=True)
    before = path.read_text("utf-8") if path.exists() else HEADER
    if before and not before.endswith("\n"):
        text = "\n" + text
    try:
        found = _parsed(path, before + text).prices
    except UnusablePrices as problem:
        raise UnusablePrices(f"{problem} Mend the file by hand, then try again.") from None
    if not found or found[-1] != price:
        raise UnusablePrices(f"{path} is no plain list of entries. Mend the file by hand, then try again.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as opened:
        opened.write(text if path.stat().st_size else before + text)


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int, size: int) -> OwnPrices:
    try:
        if size > MOST_BYTES:
            raise UnusablePrices(f"{path} is larger than {MOST_BYTES} bytes.")
        found = _parsed(path, path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        found = OwnPrices(problems=(f"{path} cannot be read: {error}",))
    except UnusablePrices as problem:
        found = OwnPrices(problems=(str(problem),))
    for problem in found.problems:
        log.warning("%s", problem)
    return found


def _parsed(path: Path, text: str) -> OwnPrices:
    try:
        said = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnusablePrices(f"{path} is no YAML: {error}") from None
    if said is None:
        return OwnPrices()
    if not isinstance(said, list):
        raise UnusablePrices(f"{path} must be a list of entries, each beginning with '- model:'.")
    prices: list[OwnPrice] = []
    problems: list[str] = []
    for number, entry in enumerate(cast("list[Any]", said), start=1):
        try:
            prices.append(OwnPrice.model_validate(entry))
        except ValidationError as error:
            problems.append(f"{path}: entry {number}: {_sentence(error)}")
    return OwnPrices(tuple(prices), tuple(problems))


def _sentence(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'the entry'}: {each['msg']}"
        for each in error.errors(include_url=False)
    )
