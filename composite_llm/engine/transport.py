"""One attempt at one model call, through LiteLLM."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

import litellm
from litellm._internal_context import is_internal_call
from openai import OpenAIError

from composite_llm.accounting.ledger import Cost, Usage
from composite_llm.accounting.prices import cost_of
from composite_llm.content import Message
from composite_llm.encodable import encodable
from composite_llm.engine.failures import for_want_of_a_key
from composite_llm.engine.loop_thread import close_clients_with_the_loop
from composite_llm.request.route import Route


@dataclass(frozen=True, slots=True)
class Choice:
    message: Message
    finish_reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a model, before anyone judges it."""

    response: Any
    """LiteLLM's ModelResponse."""
    choices: Sequence[Choice]
    """As many as were asked for with `n`; the first one counts."""
    usage: Usage | None
    cost: Cost | None

    @property
    def message(self) -> Message:
        return self.choices[0].message

    @property
    def finish_reason(self) -> str:
        return self.choices[0].finish_reason

    @property
    def text(self) -> str:
        return self.message.get("content") or ""

    @property
    def empty(self) -> bool:
        """Nothing to read and nothing to do: a blank answer, a refusal, or thinking that ran out of tokens."""
        return not self.text.strip() and not self.message.get("tool_calls")


async def complete(
    way: Route, messages: list[Message], parameters: Mapping[str, Any], timeout: float
) -> Answer:
    """Send the conversation once and wait for the whole answer; raises LiteLLM's exceptions."""
    return answer_of(await send(way, messages, parameters, timeout), way)


async def send(
    way: Route, messages: list[Message], parameters: Mapping[str, Any], timeout: float
) -> Any:  # a LiteLLM ModelResponse, or its CustomStreamWrapper
    """Send the conversation once; raises LiteLLM's exceptions.

    LiteLLM's own retries are off, because an attempt it makes in silence would be one that no
    span shows; so are its cache, which does not tell samples of one model apart, and its
    callbacks, because the composite response already reports the sum.
    """
    if way.simulated:
        parameters = {**parameters, "api_base": way.api_base, "api_key": "simulated"}
    timeout = _rounded_up(timeout)
    await close_clients_with_the_loop()
    if way.deployed:
        parameters, timeout = way.deployed.parameters(parameters), way.deployed.seconds(timeout)
    try:
        with _unlogged(way):
            response = await litellm.acompletion(
                model=way.litellm_model,
                messages=messages,
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


def answer_of(response: Any, way: Route) -> Answer:
    for choice in response.choices:
        mend(choice.message)
    usage = usage_of(response)
    return Answer(response, choices_of(response), usage, cost_of(response, way) if usage else None)


def mend(said: Any) -> None:
    """Makes all text of a message or a delta encodable, in place."""
    whole = said.model_dump(exclude_none=True)
    if (mended := encodable(whole)) is not whole:
        other = type(said)(**mended)
        for name in mended:
            setattr(said, name, getattr(other, name))


def choices_of(response: Any) -> list[Choice]:
    return [
        Choice(choice.message.model_dump(exclude_none=True), choice.finish_reason or "")
        for choice in response.choices
    ]


def usage_of(response: Any) -> Usage | None:
    usage = getattr(response, "usage", None)
    if usage is None or usage.total_tokens == 0:
        return None
    prompt, completion = usage.prompt_tokens_details, usage.completion_tokens_details
    return Usage(
        input=usage.prompt_tokens,
        output=usage.completion_tokens,
        cached=getattr(prompt, "cached_tokens", None) or 0,
        cache_write=getattr(prompt, "cache_creation_tokens", None) or 0,
        reasoning=getattr(completion, "reasoning_tokens", None) or 0,
    )
