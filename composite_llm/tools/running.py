"""Running the calls a model made, with a span for each."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from composite_llm import conventions as c
from composite_llm import telemetry
from composite_llm.content import Message
from composite_llm.encodable import encodable
from composite_llm.engine.tool_stage import running_in
from composite_llm.redaction import without_secrets
from composite_llm.tools.box import Toolbox
from composite_llm.tools.calls import ToolCall

if TYPE_CHECKING:
    from composite_llm.engine.stage import Stage

NOT_RUN = "Not run: no more tool calls are allowed for this answer. Go on with what you have."


@dataclass(slots=True)
class Runner:
    """Runs up to `max_tool_calls` calls; whatever goes wrong with one is its result."""

    stage: "Stage"
    box: Toolbox
    max_thinks: int | None = None
    """So many thoughts on top of the other calls; None: they are among those."""
    _ran: int = 0
    _thoughts: int = 0

    @property
    def used_up(self) -> bool:
        return self._ran >= self.stage.run.options.max_tool_calls

    @property
    def thought_enough(self) -> bool:
        return self.max_thinks is not None and self._thoughts >= self.max_thinks

    def may_run(self, call: ToolCall) -> bool:
        return not (self.thought_enough if self._is_counted_apart(call) else self.used_up)

    async def results(self, calls: Sequence[ToolCall], *, after_tool: bool = False) -> list[Message]:
        """Side by side, since the model made them in one turn; in the order of the calls.

        `after_tool`: the model had just read what another tool came to.
        """
        running: list[asyncio.Task[str] | None] = []
        async with asyncio.TaskGroup() as group:
            for call in calls:
                coming = self._begun(call, after_tool) if self.may_run(call) else None
                running.append(group.create_task(coming) if coming else None)
        return [
            call.result(task.result() if task else NOT_RUN) for call, task in zip(calls, running, strict=True)
        ]

    def _begun(self, call: ToolCall, after_tool: bool) -> Coroutine[Any, Any, str]:
        """Counted now, so that calls side by side have numbers of their own."""
        thought = self._thoughts if self.box.thinks(call) else None
        self._ran += not self._is_counted_apart(call)
        self._thoughts += thought is not None
        if self.thought_enough:
            self.stage.note(c.THINK_USED_UP, True)
        return self._run(call, thought, after_tool)

    def _is_counted_apart(self, call: ToolCall) -> bool:
        return self.max_thinks is not None and self.box.thinks(call)

    async def _run(self, call: ToolCall, thought: int | None, after_tool: bool) -> str:
        """The result, or what went wrong, in words for the model. `thought`: which one it is, counted from 0."""
        run, name = self.stage.run, self.box.shown_name(call)
        thinks = thought is not None
        span = telemetry.tool_span(run.identity, self.stage.span, name=name, call_id=call.id, thinks=thinks)
        try:
            if thinks:
                telemetry.write_thought(span, self.box.thought(call), thought, after_tool=after_tool)
            else:
                telemetry.write_tool_input(span, call.arguments)
            with telemetry.current(span), running_in(self.stage):
                result = await self.box.run(call)
        except asyncio.CancelledError:
            if run.seconds_left() <= 0:
                telemetry.fail(span, TimeoutError(), "timeout", message="the request's deadline had come")
            span.end()
            raise
        except Exception as error:  # noqa: BLE001 - a tool may raise anything; the model is told, and goes on
            reason = encodable(without_secrets(str(error), *run.secrets))
            telemetry.fail(span, error, message=reason)
            result = f"Error: {type(error).__name__}: {reason}"
        telemetry.write_tool_output(span, result)
        span.end()
        return result
