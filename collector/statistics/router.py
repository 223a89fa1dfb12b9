"""Routers: which routes requests take, and by whose word."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.observed import Observed, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE, Spent
from collector.store.interface import Answers
from composite_llm import conventions as c

ROUTES = pa.schema({"route": TEXT, "chosen_by": TEXT, "runs": WHOLE, **SPENT, "choosing_cost_usd": REAL})


@dataclass(slots=True)
class _Route:
    runs: int = 0
    spent: Spent = field(default_factory=Spent)
    choosing: Spent = field(default_factory=Spent)


def router_routes(store: Answers, period: RunsOf) -> pa.Table:
    """One row per route and who chose it, the most used first: route, chosen_by (rule | classifier | default |
    passthrough), runs, and of these runs calls, cost_usd (null if unknown), unpriced_calls, input_tokens,
    output_tokens, choosing_cost_usd (what the classifier cost, which is part of it). A run whose route failed is
    counted there, with what the default route cost after it."""
    observed = Observed.of(store, "router", period)
    routes: dict[tuple[str, str], _Route] = {}
    for finding in observed.with_key(c.ROUTER_ROUTE):
        name = finding.text(c.ROUTER_ROUTE) or "unknown", finding.text(c.ROUTER_CHOSEN_BY) or "unknown"
        route = routes.setdefault(name, _Route())
        route.runs += 1
        route.spent.add(observed.spent_below(observed.run_of(finding.key)))
        route.choosing.add(observed.spent_below(finding.key))
    most_used = sorted(routes.items(), key=lambda item: (-item[1].runs, item[0]))
    return as_table((_row(*name, route) for name, route in most_used), ROUTES)


def _row(name: str, chosen_by: str, route: _Route) -> dict[str, Any]:
    return {
        "route": name,
        "chosen_by": chosen_by,
        "runs": route.runs,
        **route.spent.columns,
        "choosing_cost_usd": route.choosing.cost_usd,
    }
