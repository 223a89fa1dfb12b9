"""Calls of one stage that begin and end each at a moment of its own, as code asks for them."""

from dataclasses import dataclass

from composite_llm.engine import call_parameters
from composite_llm.engine.asking import asking
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.stage import Stage
from composite_llm.errors import CallFailed


@dataclass(slots=True)
class SingleCalls:
    """What becomes of a call is the matter of whoever makes it: nothing is waited for but its answer."""

    stage: Stage
    _in_flight: int = 0

    async def ask(self, call: Call) -> Reply | CallFailed:
        """Raises BudgetExceeded where the budget is to stop the request."""
        stage = self.stage
        self._in_flight += 1
        stage.asked += 1
        stage.unpaid += 1
        stage.widest = max(stage.widest, self._in_flight)
        try:
            outcome = await asking(stage, call_parameters.inner(stage.run, call)).run()
        finally:
            self._in_flight -= 1
            # Not every call pays: the answer of some is known, others are cancelled before.
            stage.unpaid = min(stage.unpaid, self._in_flight)
        if isinstance(outcome, Reply):
            stage.answered += 1
        return outcome
