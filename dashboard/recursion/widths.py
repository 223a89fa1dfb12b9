"""How wide each part of a run is drawn. What nobody can price has a width, too, and the page says which."""

from dashboard import fmt
from dashboard.recursion.nesting import CALLS, COST, TIME, Amounts, Nesting


def widths(nesting: Nesting, by: str) -> list[float]:
    """By part, in the unit of the measure; each at least the sum of those below it.

    By cost, an unpriced call is as wide as the mean of the priced ones; where nothing has a cost, all calls are equal.
    """
    if not nesting.parts:
        return []
    guess = mean_known_usd(nesting.parts[0].total)
    equal = _total(nesting, by, guess) == 0
    return [_width(part.total, CALLS if equal else by, guess) for part in nesting.parts]


def mean_known_usd(whole: Amounts) -> float:
    """Of a priced call; 1 where none has a price, so that unpriced ones are equally wide."""
    mean = whole.known_usd / whole.priced if whole.priced else 0.0
    return mean or 1.0


def about_widths(nesting: Nesting, by: str) -> str:
    """What a reader has to know of widths that are none of the measure's own; empty where all are."""
    if not nesting.parts:
        return ""
    whole = nesting.parts[0].total
    if _total(nesting, by, mean_known_usd(whole)) == 0:
        return "Nothing of this run has such an amount, so all calls are drawn equally wide."
    if by != COST:
        return ""
    said: list[str] = []
    if whole.unpriced:
        wide = (
            f"as wide as a mean call of this run ({fmt.money(mean_known_usd(whole))})"
            if whole.known_usd
            else "equally wide"
        )
        said.append(f"The cost of {fmt.plural(whole.unpriced, 'call')} is unknown: hatched, drawn {wide}.")
    free = sum(
        1 for part in nesting.parts if part.is_call and not part.own.unpriced and not part.own.known_usd
    )
    if free:
        said.append(
            f"{fmt.plural(free, 'call')} cost nothing and {'has' if free == 1 else 'have'} no width here."
        )
    return " ".join(said)


def _total(nesting: Nesting, by: str, guess: float) -> float:
    return _width(nesting.parts[0].total, by, guess)


def _width(amounts: Amounts, by: str, guess: float) -> float:
    if by == COST:
        return amounts.known_usd + amounts.unpriced * guess
    if by == TIME:
        return amounts.ms
    return float(amounts.calls if by == CALLS else amounts.tokens)
