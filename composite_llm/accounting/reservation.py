"""What one call holds of a budget while it is in flight."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from composite_llm.accounting.ledger import CallRecord

if TYPE_CHECKING:
    from composite_llm.accounting.budget import Budget


@dataclass(slots=True, eq=False)
class Reservation:
    """Held by one attempt; what it stands for is replaced by what was used once that is known."""

    budget: "Budget"
    max_tokens: int | None
    """What the answer had to be shortened to; None where it fits as it was asked for."""
    tokens: int
    usd: float
    in_flight: bool = True
    waited_s: float = 0.0
    """For room, before it was held."""

    def settle(self, record: CallRecord) -> None:
        """Nothing where the provider refused; all that was reserved where it does not say what was used."""
        with self.budget._lock:
            if record.refused:
                self.tokens, self.usd = 0, 0.0
            if record.usage is not None:
                self.tokens = record.usage.input + record.usage.output
            if record.cost is not None:
                self.usd = record.cost.total
        self.release()

    def drop(self) -> None:
        """The attempt was not made after all."""
        with self.budget._lock:
            for budget, _ in self.budget._levels(final=True):
                budget._reservations.remove(self)
        self.release()

    def release(self) -> None:
        """Nobody waits for this attempt any more; its reservation counts until it is settled."""
        self.in_flight = False
        self.budget.wake()
