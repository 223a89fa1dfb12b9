"""Which limits a node met, in the words a reader sees."""

from dashboard import fmt
from dashboard.answers.recursion import NodeFacts

_TERMINATIONS = {
    "iterations": "out of turns",
    "calls": "out of sub-calls",
    "budget": "out of budget",
    "timeout": "out of time",
}
_STOPS = {"iterations": "out of turns", "budget": "out of budget", "timeout": "out of time"}


def limits_met(facts: NodeFacts) -> list[str]:
    """One phrase each, most telling first; empty where none was met."""
    phrases = [
        _TERMINATIONS.get(facts.termination or ""),
        _STOPS.get(facts.stop_reason or ""),
        f"depth limit: {fmt.plural(facts.depth_limited, 'call')} made plain" if facts.depth_limited else None,
        f"budget limit: {fmt.plural(facts.budget_refused, 'call')} not made"
        if facts.budget_refused
        else None,
    ]
    return list(dict.fromkeys(phrase for phrase in phrases if phrase))


def was_cancelled(facts: NodeFacts) -> bool:
    return "cancelled" in (facts.termination, facts.stop_reason)
