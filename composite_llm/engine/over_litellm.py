"""Servers, asked through LiteLLM's clients."""

import json
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

import litellm
from litellm._internal_context import is_internal_call
from openai import OpenAIError

from composite_llm.engine.failures import for_want_of_a_key
from composite_llm.engine.loop_thread import close_clients_with_the_loop
from composite_llm.engine.transport import Answer, AnswerStream, Outgoing, answer_of
from composite_llm.request.route import Route
from composite_llm.streaming.assembly import assembled, reports_usage


class OverLitellm:
    async def complete(self, outgoing: Outgoing) -> Answer:
        return answer_of(await _sent(outgoing), outgoing.way)

    async def stream(self, outgoing: Outgoing) -> AnswerStream | Answer:
        response = await _sent(outgoing, stream=True, stream_options={"include_usage": True})
        if not isinstance(response, litellm.CustomStreamWrapper):
            return answer_of(response, outgoing.way)
        stream = LitellmStream(response, outgoing.way)
        try:
            whole = await _sent_whole(response, outgoing.way)
        except BaseException:
            await stream.aclose()
            raise
        if whole is None:
            return stream
        await stream.aclose()
        return answer_of(whole, outgoing.way)


@dataclass(frozen=True, slots=True)
class LitellmStream:
    wrapper: litellm.CustomStreamWrapper
    way: Route

    @property
    def chunks(self) -> list[Any]:
        """LiteLLM's own list, with the usage that it keeps from its reader."""
        return self.wrapper.chunks

    def __aiter__(self) -> AsyncIterator[Any]:
        return self.wrapper.__aiter__()

    async def aclose(self) -> None:
        await self.wrapper.aclose()

    def ended(self) -> Answer:
        if self.wrapper.received_finish_reason is None and not reports_usage(self.chunks):
            message = "the stream ended before the answer did"
            raise litellm.APIConnectionError(message, llm_provider=self.way.provider, model=self.way.model)
        return assembled(self.chunks, self.way, self.wrapper.logging_obj)


async def _sent(outgoing: Outgoing, **streaming: Any) -> Any:  # a ModelResponse or a CustomStreamWrapper
    """The conversation, sent once.

    LiteLLM's own retries are off, because an attempt it makes in silence would be one that no
    span shows; so are its cache, which does not tell samples of one model apart, and its
    callbacks, because the composite response already reports the sum.
    """
    way, parameters = outgoing.way, {**outgoing.parameters, **streaming}
    if way.simulated:
        parameters |= {"api_base": way.api_base, "api_key": "simulated"}
    timeout = _rounded_up(outgoing.seconds)
    await close_clients_with_the_loop()
    if way.deployed:
        parameters, timeout = way.deployed.parameters(parameters), way.deployed.seconds(timeout)
    try:
        with _unlogged(way):
            response = await litellm.acompletion(
                model=way.litellm_model,
                messages=outgoing.messages,
                timeout=timeout,
                max_retries=0,
                num_retries=0,
                cache={"no-cache": True, "no-store": True},
                **{"metadata": {}, **parameters},
                **{"no-log": True},
            )
    except OpenAIError as error:  # every LiteLLM error of a call is one
        clearer = for_want_of_a_key(error, way, parameters)
        if clearer is None:
            raise
        raise clearer from error
    if isinstance(response, litellm.CustomStreamWrapper):
        _take_for_logged(response.logging_obj)
    return response


@contextmanager
def _unlogged(way: Route) -> Generator[None]:
    """Part of a request that LiteLLM logs as a whole. With `no-log` alone it still writes its record of each call,
    for nobody, and that takes longer than recording the call here. What somebody's own provider asks in turn is
    not ours to hide."""
    token = is_internal_call.set(is_internal_call.get() or way.provider not in litellm._custom_providers)
    try:
        yield
    finally:
        is_internal_call.reset(token)


def _take_for_logged(
    logging_obj: Any,
) -> None:  # LiteLLM's Logging of one stream, which writes its record at its end
    done = ("has_dispatched_final_stream_success", "has_logged_async_failure", "has_logged_sync_failure")
    logging_obj.model_call_details.update(dict.fromkeys(done, True))


def _rounded_up(seconds: float) -> float:
    """To a power of two. LiteLLM keeps a client, with its connections, for every timeout it is given: with one
    that is never the same twice each call would make a client, open a connection and leave it open."""
    return 2.0 ** ceil(log2(max(seconds, 8.0)))


async def _sent_whole(stream: Any, way: Route) -> litellm.ModelResponse | None:
    """The answer of a server that was asked for a stream and sent one JSON object, which OpenAI's client
    would take for a stream without a word; None for a stream."""
    http = getattr(stream.completion_stream, "response", None)
    if http is None or "application/json" not in http.headers.get("content-type", ""):
        return None
    body = await http.aread()
    try:
        answer = json.loads(body)
        answer["choices"][0]  # an error report has none, and LiteLLM would make an empty answer of it
        return litellm.ModelResponse(**answer)
    except (LookupError, TypeError, ValueError) as error:
        message = f"asked for a stream, it sent what is neither one nor a whole answer: {body[:200]!r}"
        raise litellm.APIError(502, message, way.provider, way.model) from error
