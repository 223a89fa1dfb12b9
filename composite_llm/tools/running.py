"""Running the calls a model made, with a span for each."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    _ran: int = 0
    _thoughts: int = 0

    @property
    def used_up(self) -> bool:
        return self._left <= 0

    async def results(self, calls: Sequence[ToolCall]) -> list[Message]:
        """Side by side, since the model made them in one turn; in the order of the calls."""
        allowed, refused = calls[: self._left], calls[self._left :]
        self._ran += len(allowed)
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(self._run(call)) for call in allowed]
        ran = [call.result(task.result()) for call, task in zip(allowed, running, strict=True)]
        return [*ran, *(call.result(NOT_RUN) for call in refused)]

    @property
    def _left(self) -> int:
        return self.stage.run.options.max_tool_calls - self._ran

    async def _run(self, call: ToolCall) -> str:
        """The result, or what went wrong, in words for the model."""
        run, thinks = self.stage.run, self.box.thinks(call)
        name = self.box.shown_name(call)
        span = telemetry.tool_span(run.identity, self.stage.span, name=name, call_id=call.id, thinks=thinks)
        try:
            telemetry.write_tool_input(span, call.arguments)
            if thinks:
                telemetry.write_thought(span, self._thoughts, len(self.box.thought(call)))
                self._thoughts += 1
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
