"""Whether a call's money is known."""


def billing_of(cost_usd: float | None, *, used: bool, refused: bool) -> str:
    """priced | unpriced | unbilled.

    A call that was refused and reports no usage cost nothing anybody could bill, and neither did one that was
    never made, because its answer was known: it says so with a cost of 0. Any other call without a
    cost is money nobody knows, which is never taken as zero: one that timed out, or whose answer was cut off,
    was sent, and its provider may bill what it did until then.
    """
    if refused and not used and not cost_usd:
        return "unbilled"
    return "unpriced" if cost_usd is None else "priced"
