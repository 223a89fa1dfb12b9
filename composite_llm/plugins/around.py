"""Plugins around a composite request: before its first call, after its answer, inside its books."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from composite_llm import telemetry
from composite_llm.accounting.ledger import CallRecord
from composite_llm.content import Message
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.run import Run
from composite_llm.engine.transport import Answer, Choice
from composite_llm.plugins.plugin import Ask, Exchange, Plugin, Summary, busy, no_plugins
from composite_llm.plugins.registry import installed
from composite_llm.plugins.streams import stream_through
from composite_llm.request.conversation import wrong_messages

Work = Callable[[], Awaitable[Reply]]


async def around(run: Run, model: str, metadata: Mapping[str, Any], work: Work) -> Reply:
    """What `work` answers, with every plugin asked that is for this model, or for the Router's group it was called
    by. Raises Refused.

    A composite inside a composite meets none: its request has met them.
    """
    names = {model, str(metadata.get("model_group") or model)}
    plugins = [] if busy() else [plugin for plugin in installed() if any(map(plugin.applies_to, names))]
    if not plugins:
        return await work()
    visit = _Visit(run, model, metadata, plugins)
    with no_plugins():
        return await visit.answer(work)


@dataclass(slots=True)
class _Visit:
    run: Run
    model: str
    metadata: Any
    plugins: Sequence[Plugin]

    async def answer(self, work: Work) -> Reply:
        started = time.monotonic()
        outcome, text = "ok", ""
        self.run.ledger.on_booked = self._tell_of_call
        several = (self.run.client_parameters.get("n") or 1) > 1
        met = [(plugin, self._exchange(plugin)) for plugin in self.plugins]
        stream = stream_through(self.run.sink, met, several=several)
        try:
            for plugin in self.plugins:
                await self._before(plugin)
            reply = await work()
            stream.end()
            for plugin in self.plugins:
                reply = await self._after(plugin, reply)
            text = reply.text
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            self._tell_of_end(outcome, text, time.monotonic() - started)
        return reply

    async def _before(self, plugin: Plugin) -> None:
        exchange = self._exchange(plugin)

        async def asked() -> Sequence[Message] | None:
            messages = await plugin.on_request(exchange)
            if messages is not None and (wrong := wrong_messages(messages)):
                raise TypeError(f"it made a conversation that no model can read: {wrong}")
            return messages

        messages = await self._step(plugin, "on_request", asked)
        if messages is not None:
            self.run.messages = messages

    async def _after(self, plugin: Plugin, reply: Reply) -> Reply:
        if not plugin.rewrites:
            return reply
        exchange = self._exchange(plugin)
        texts = [
            await self._rewritten(plugin, exchange, choice.message.get("content") or "")
            for choice in reply.answer.choices
        ]
        return _with_texts(reply, texts)

    async def _rewritten(self, plugin: Plugin, exchange: Exchange, text: str) -> str | None:
        async def asked() -> str | None:
            other = await plugin.on_answer(exchange, text)
            if not isinstance(other, str | None):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise TypeError(f"it made {type(other).__name__} of the answer")
            return other

        return await self._step(plugin, "on_answer", asked) if text else None

    async def _step(self, plugin: Plugin, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        failures = plugin.failures
        result = await plugin.step(name, work)
        if plugin.failures > failures:
            telemetry.warn(self.run.span, f"plugin {plugin.name} failed at {name}, and was passed over")
        return result

    def _tell_of_call(self, call: CallRecord) -> None:
        for plugin in self.plugins:
            exchange = self._exchange(plugin)
            plugin.tell("on_call", lambda plugin=plugin, exchange=exchange: plugin.on_call(exchange, call))

    def _tell_of_end(self, outcome: str, answer: str, seconds: float) -> None:
        ledger = self.run.ledger
        summary = Summary(
            outcome, answer, seconds, len(ledger.calls), ledger.known_cost_usd, ledger.cost_status != "known"
        )
        for plugin in self.plugins:
            exchange = self._exchange(plugin)
            plugin.tell("on_end", lambda plugin=plugin, exchange=exchange: plugin.on_end(exchange, summary))

    def _exchange(self, plugin: Plugin) -> Exchange:
        return Exchange(
            model=self.model,
            messages=self.run.messages,
            ask=_asking(self.run, plugin.name),
            metadata=self.metadata,
            request_id=self.run.identity.request_id,
            trace_id=telemetry.trace_id(self.run.span),
        )


def _asking(run: Run, name: str) -> Ask:
    async def ask(model: str, messages: Sequence[Message], **parameters: Any) -> str:
        async with run.stage("plugin", f"plugin.{name}") as stage:
            # Not `together`: what a plugin asks is nothing members vote on, nor part of a panel.
            [reply] = await stage.gather([Call(model, messages, role=name, parameters=parameters)])
        return reply.text

    return ask


def _with_texts(reply: Reply, texts: Sequence[str | None]) -> Reply:
    """The reply with other texts, None for as it was. The answer itself is left alone: it may be kept elsewhere."""
    if all(text is None for text in texts):
        return reply
    response = reply.answer.response.model_copy(deep=True)
    choices: list[Choice] = []
    for choice, sent, text in zip(reply.answer.choices, response.choices, texts, strict=True):
        if text is not None:
            sent.message.content = text
            choice = Choice({**choice.message, "content": text}, choice.finish_reason)
        choices.append(choice)
    answer: Answer = replace(reply.answer, response=response, choices=choices)
    return replace(reply, answer=answer)
