"""A call whose model is itself a composite: run inside the same request, as a trace of its own inside it."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import litellm

from composite_llm.engine.calls import Call, Reply
from composite_llm.errors import (
    AllCallsFailed,
    BudgetExceeded,
    CallFailed,
    DeadlineExceeded,
)
from composite_llm.streaming.sink import Sink

if TYPE_CHECKING:
    from composite_llm.engine.stage import Stage


@dataclass(slots=True)
class NestedCall:
    stage: "Stage"
    call: Call
    final: bool = False
    sink: Sink | None = None
    """Where the words of its own final call go as they come."""
    counted: bool = False
    """Whether its part of the budget was asked for before."""
    _task: asyncio.Task[Any] | None = field(default=None)

    async def run(self) -> Reply | CallFailed:
        """Raises BudgetExceeded where that is to stop the whole request, and BadRequest."""
        self._task = asyncio.current_task()
        if not self.final and not self.counted:
            self.stage.unpaid -= 1  # its own calls ask for their part of the budget
        seconds = None if self.final else self.stage.run.options.member_timeout_s
        try:
            async with asyncio.timeout(seconds):
                final = self.final or self.call.last
                return await self.stage.run.ask_composite(self.stage, self.call, final, self.sink)
        except TimeoutError:
            return self._failed(f"did not answer within member_timeout_s={seconds:g}", timeout=True)
        except BudgetExceeded as error:
            if self.stage.run.budget.stops:
                raise
            return CallFailed(self.call.role, self.call.model, "budget", str(error))
        except DeadlineExceeded as error:
            return self._failed(str(error), timeout=True)
        except CallFailed as error:
            return CallFailed(self.call.role, self.call.model, error.outcome, str(error), error.cause)
        except AllCallsFailed as error:
            first = error.failures[0] if error.failures else None
            return CallFailed(
                self.call.role, self.call.model, "error", str(error), first.cause if first else None
            )

    def leave_behind(self) -> CallFailed:
        """Nobody waits any longer: what it would still ask must not be sent, so all of it is cancelled."""
        if self._task:
            self._task.cancel()
        return self._failed("was not waited for any longer", timeout=True)

    def _failed(self, reason: str, *, timeout: bool) -> CallFailed:
        cause = litellm.Timeout(reason, self.call.model, "composite") if timeout else None
        return CallFailed(self.call.role, self.call.model, "timeout" if timeout else "error", reason, cause)
