"""Whether a call's money is known."""


def billing_of(cost_usd: float | None, *, used: bool, refused: bool) -> str:
    """priced | unpriced | unbilled.

    A call that was refused and reports no usage cost nothing anybody could bill. Any other call without a
    cost is money nobody knows, which is never taken as zero: one that timed out, or whose answer was cut off,
    was sent, and its provider may bill what it did until then.
    """
    if cost_usd is not None:
        return "priced"
    return "unbilled" if refused and not used else "unpriced"
