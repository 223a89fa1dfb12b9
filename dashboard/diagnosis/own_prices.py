"""What recorded calls without a price would have cost at prices of one's own. An estimate, and in no total."""

from collections.abc import Sequence
from math import fsum

from composite_llm.accounting.ledger import Usage
from composite_llm.accounting.own_prices import OwnPrices, plain_name
from dashboard.diagnosis.answers import UnpricedModel

OURS = "composite"
"""The dialect of calls that composite_llm made, and so prices."""


def would_have_cost(row: UnpricedModel, prices: OwnPrices) -> float | None:
    """US dollars at the latest price of its model, None where it has none or told no tokens."""
    price = prices.newest_of(plain_name(row.model))
    if price is None or not row.is_call or not row.input_tokens + row.output_tokens:
        return None
    return price.cost(
        Usage(row.input_tokens, row.output_tokens, row.cached_tokens, reasoning=row.reasoning_tokens)
    ).total


def all_would_have_cost(rows: Sequence[UnpricedModel], prices: OwnPrices) -> float | None:
    known = [usd for row in rows if (usd := would_have_cost(row, prices)) is not None]
    return fsum(known) if known else None


def models_to_price(rows: Sequence[UnpricedModel]) -> list[str]:
    """Those that a price would help, as the file names them, the most called first."""
    helped = [row for row in rows if row.is_call and row.dialect == OURS and row.calls > row.cut_off]
    return list(dict.fromkeys(plain_name(row.model) for row in helped if row.model != "unknown"))
