"""Which limits a node met, in the words a reader sees."""

from collections.abc import Sequence

from dashboard import fmt
from dashboard.answers.recursion import NodeFacts

_TERMINATIONS = {
    "iterations": "out of turns",
    "calls": "out of sub-calls",
    "budget": "out of budget",
    "timeout": "out of time",
}
_STOPS = {"iterations": "out of turns", "budget": "out of budget", "timeout": "out of time"}
DEPTH_LIMIT, BUDGET_LIMIT = "depth limit", "budget limit"


def limits_met(facts: NodeFacts) -> list[str]:
    """One phrase each, most telling first; empty where none was met."""
    phrases = [
        _TERMINATIONS.get(facts.termination or ""),
        _STOPS.get(facts.stop_reason or ""),
        f"depth limit: {fmt.plural(facts.depth_limited, 'call')} made plain" if facts.depth_limited else None,
        f"budget limit: {fmt.plural(facts.budget_refused, 'call')} not made"
        if facts.budget_refused
        else None,
        f"budget limit: {fmt.plural(facts.budget_shortened, 'answer')} cut short"
        if facts.budget_shortened
        else None,
    ]
    return list(dict.fromkeys(phrase for phrase in phrases if phrase))


def was_cancelled(facts: NodeFacts) -> bool:
    return "cancelled" in (facts.termination, facts.stop_reason)


def met_depth_limit(nodes: Sequence[NodeFacts]) -> bool:
    return any(facts.depth_limited for facts in nodes)


def met_budget_limit(nodes: Sequence[NodeFacts]) -> bool:
    spent = ("budget", "calls")
    return any(
        facts.termination in spent or facts.stop_reason == "budget" or facts.budget_refused for facts in nodes
    )
