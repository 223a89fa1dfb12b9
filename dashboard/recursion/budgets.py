"""What a node was given, and how much of it was used by it and all below it."""

from dataclasses import dataclass

from dashboard import fmt
from dashboard.answers.recursion import NodeFacts
from dashboard.recursion.nesting import Amounts


@dataclass(frozen=True, slots=True)
class Budget:
    """One limit. `used` is a lower bound where `is_least`; None where nothing is known of it."""

    kind: str
    given: float
    used: float | None
    given_text: str
    used_text: str
    is_least: bool = False

    @property
    def share(self) -> float | None:
        """0 for a budget that was empty from the start and of which nothing was used."""
        if self.used is None:
            return None
        return self.used / self.given if self.given else float(self.used > 0)


def budgets(facts: NodeFacts, total: Amounts, wall_ms: float) -> list[Budget]:
    """Money, calls, tokens and time, as far as they were limited. A node was given what was left when it began."""
    found: list[Budget] = []
    usd = facts.budget_in_usd if facts.budget_in_usd is not None else facts.limit_usd
    if usd is not None:
        found.append(_money(usd, total))
    calls, made = (
        (facts.budget_in_calls, total.sub_calls)
        if facts.budget_in_calls is not None
        else (facts.limit_calls, total.calls)
    )
    if calls is not None:
        found.append(Budget("calls", calls, made, fmt.plural(calls, "call"), fmt.count(made)))
    if facts.limit_tokens is not None:
        tokens = facts.limit_tokens
        found.append(
            Budget(
                "tokens",
                tokens,
                total.tokens,
                f"{fmt.compact(tokens)} tokens",
                fmt.compact(total.tokens),
                total.unpriced > 0,
            )
        )
    if facts.budget_in_seconds is not None:
        ms = facts.budget_in_seconds * 1000
        found.append(Budget("time", ms, wall_ms, fmt.duration(ms), fmt.duration(wall_ms)))
    return found


def _money(usd: float, total: Amounts) -> Budget:
    least = total.unpriced > 0
    used = total.known_usd if total.priced or not least else None
    return Budget("money", usd, used, fmt.money(usd), fmt.money(used, lower_bound=least), least)


def used(found: list[Budget]) -> str:
    """`$0.0312 of $0.4000 · 7 of 50 calls · 4.1 s of 60.0 s`"""
    return " · ".join(f"{each.used_text} of {each.given_text}" for each in found)


def tightest(found: list[Budget]) -> str:
    """The share of the limit of which the most was used; empty where nothing limited it, or it is not known."""
    known = [each for each in found if each.share is not None]
    return percent(max(known, key=lambda each: each.share or 0.0)) if known else ""


def percent(budget: Budget) -> str:
    return f"{'≥ ' if budget.is_least else ''}{fmt.share(budget.share or 0.0, 1)}"
