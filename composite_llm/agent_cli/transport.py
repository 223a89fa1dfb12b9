"""The way to a model that goes through a program on this machine."""

import tempfile
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any

import litellm
from litellm.types.utils import Delta, ModelResponseStream, StreamingChoices

from composite_llm import settings, telemetry
from composite_llm.agent_cli import command_line
from composite_llm.agent_cli.failures import failure_of, not_started, not_supported
from composite_llm.agent_cli.places import place
from composite_llm.agent_cli.program import Program, running
from composite_llm.agent_cli.prompt import attachments, prompt_of, shaping, unsent
from composite_llm.agent_cli.telling import Said, Telling
from composite_llm.agent_cli.tools import ToolSpans
from composite_llm.agent_cli.usage import bill_of, estimated
from composite_llm.encodable import encodable
from composite_llm.engine.transport import Answer, AnswerStream, Outgoing, choices_of


class AgentCli:
    async def complete(self, outgoing: Outgoing) -> Answer:
        async with aclosing(AgentStream(outgoing)) as stream:
            async for _ in stream:
                pass
        return stream.ended()

    async def stream(self, outgoing: Outgoing) -> AnswerStream | Answer:
        return AgentStream(outgoing)


class AgentStream:
    """One run, begun when its first chunk is asked for."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.chunks: list[Any] = []
        self._outgoing = outgoing
        self._prompt = prompt_of(outgoing.messages)
        self._tools = ToolSpans(outgoing.identity, outgoing.span)
        self._telling = Telling(self._tools.hear)
        self._id = f"agent-{uuid.uuid4().hex}"
        self._run = self._chunks_of_run()

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._run

    async def aclose(self) -> None:
        await self._run.aclose()

    def ended(self) -> Answer:
        telling, way = self._telling, self._outgoing.way
        message = {"role": "assistant", "content": telling.text} | (
            {"reasoning_content": telling.thoughts} if telling.thoughts else {}
        )
        response = litellm.ModelResponse(
            id=telling.session or self._id,
            model=encodable(telling.model) or way.model,
            choices=[{"index": 0, "finish_reason": "stop", "message": encodable(message)}],
        )
        usage, cost = bill_of(telling.result or {}, way)
        usage = usage or estimated(self._prompt, telling.text + telling.thoughts)
        return Answer(response, choices_of(response), usage, cost)

    async def _chunks_of_run(self) -> AsyncGenerator[ModelResponseStream]:
        outgoing = self._outgoing
        self._refuse_or_warn()
        async with place() as waited:
            telemetry.write_wait_for_place(outgoing.span, waited)
            # What a killed run has left is removed, or else by the system in time.
            with tempfile.TemporaryDirectory(
                prefix="composite-llm-agent-", ignore_cleanup_errors=True
            ) as folder:
                try:
                    async with aclosing(self._heard(folder)) as heard:
                        async for chunk in heard:
                            yield chunk
                finally:
                    self._tools.close()

    async def _heard(self, folder: str) -> AsyncGenerator[ModelResponseStream]:
        way, telling = self._outgoing.way, self._telling
        environment = command_line.environment(self._outgoing.parameters.get("api_key"))
        command = [*way.program, *command_line.arguments(way.model, folder)]
        begun = False
        try:
            async with running(command, environment=environment, folder=folder, told=self._prompt) as program:
                begun = True
                async for line in program.lines():
                    for said in telling.hear(line):
                        yield self._chunk(said)
                    if telling.result:
                        break
                await self._judge(program, environment)
        except OSError as error:
            if begun:
                raise
            raise not_started(command, way.model, error) from error

    async def _judge(self, program: Program, environment: Mapping[str, str]) -> None:
        exit_code = await program.exit_code()
        telemetry.write_exit_code(self._outgoing.span, exit_code)
        if self._telling.result is None or self._telling.failed:
            secrets = command_line.secrets(environment)
            raise failure_of(program, self._telling, exit_code, self._outgoing.way, secrets)

    def _refuse_or_warn(self) -> None:
        way, parameters = self._outgoing.way, self._outgoing.parameters
        if "api_base" in parameters:
            raise not_supported(f"{way.name} is a program on this machine and has no api_base.", way.model)
        if parameters.get("api_key") and not settings.load().agent_cli_env:
            raise not_supported(
                "COMPOSITE_LLM_AGENT_CLI_ENV names no variable to hand an api_key over by.", way.model
            )
        if (wanted := shaping(parameters)) and not parameters.get("drop_params"):
            raise not_supported(f"{way.name} is an agent CLI, which takes no {', '.join(wanted)}.", way.model)
        missing = [*unsent(parameters)]
        if number := attachments(self._outgoing.messages):
            missing.append(f"{number} attached")
        if missing:
            telemetry.warn(
                self._outgoing.span, f"not sent, since an agent CLI takes none: {', '.join(missing)}"
            )

    def _chunk(self, said: Said) -> ModelResponseStream:
        delta = Delta(**{"content": None, said.kind: encodable(said.text)})
        choice = StreamingChoices(index=0, delta=delta)
        chunk = ModelResponseStream(id=self._id, model=self._outgoing.way.model, choices=[choice])
        self.chunks.append(chunk)
        return chunk
