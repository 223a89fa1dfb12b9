"""A tool as a step of a mode: run by us, with arguments that earlier answers may be part of."""

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from composite_llm import telemetry
from composite_llm.engine.tool_stage import running_in
from composite_llm.errors import CallFailed
from composite_llm.graph.asking import Asked
from composite_llm.graph.results import Result, placed
from composite_llm.graph.steps import LoopUntil, Step, Tool
from composite_llm.redaction import without_secrets
from composite_llm.request.prompts import fill
from composite_llm.tools import functions
from composite_llm.tools.registry import internal_tools


def tools_of(steps: Mapping[str, Step]) -> Iterator[str]:
    """Names of the tools that these steps may run, also inside loops."""
    for step in steps.values():
        if isinstance(step, Tool):
            yield step.tool
        elif isinstance(step, LoopUntil):
            yield from tools_of(step.steps)


async def run(asked: Asked, step: Tool) -> Result:
    """What the tool said. Raises CallFailed when it failed, since later steps are built on it."""
    [tool] = internal_tools([step.tool])
    values = placed(asked.results) | asked.work.run.places
    arguments = {name: _filled(value, values) for name, value in step.arguments.items()}
    run = asked.work.run
    async with asked.stage() as stage:
        span = telemetry.tool_span(run.identity, stage.span, name=tool.name, call_id=uuid.uuid4().hex)
        try:
            telemetry.write_tool_input(span, json.dumps(arguments, ensure_ascii=False, default=str))
            with telemetry.current(span), running_in(stage):
                result = await functions.run({tool.name: tool.function}, tool.name, arguments)
            telemetry.write_tool_output(span, result)
        except Exception as error:
            reason = without_secrets(str(error), *run.secrets)
            telemetry.fail(span, error, message=reason)
            raise CallFailed("tool", tool.name, "error", f"{type(error).__name__}: {reason}") from error
        finally:
            span.end()
    return Result(written=result)


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, Mapping):
        return {name: _filled(entry, values) for name, entry in value.items()}
    return [_filled(entry, values) for entry in value] if isinstance(value, list) else value
