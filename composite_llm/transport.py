"""One attempt at one model call, through LiteLLM."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import litellm
from openai import OpenAIError

from composite_llm.content import Message
from composite_llm.ledger import Cost, Usage
from composite_llm.prices import cost_of
from composite_llm.route import SIMULATED_PREFIX, Route

RETRYABLE = (
    litellm.RateLimitError,
    litellm.InternalServerError,
    litellm.ServiceUnavailableError,
    litellm.BadGatewayError,
    litellm.APIConnectionError,
)


TIMEOUT = litellm.Timeout


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a model, before anyone judges it."""

    response: Any
    """LiteLLM's ModelResponse."""
    message: Message
    finish_reason: str
    usage: Usage | None
    cost: Cost | None

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
    """Send the conversation once; raises LiteLLM's exceptions.

    LiteLLM's own retries are off, because an attempt it makes in silence would be one that
    no span shows, and its callbacks are off, because the composite response already
    reports the sum.
    """
    if way.simulated:
        parameters = {**parameters, "api_base": way.api_base, "api_key": "simulated"}
    try:
        response = await litellm.acompletion(
            model=way.litellm_model,
            messages=messages,
            timeout=timeout,
            max_retries=0,
            num_retries=0,
            metadata={},
            **parameters,
            **{"no-log": True},
        )
    except OpenAIError as error:  # every LiteLLM error of a call is one
        raise _for_want_of_a_key(error, way, parameters) or error from error
    choice = response.choices[0]  # pyright: ignore
    usage = _usage(response)
    return Answer(
        response=response,
        message=choice.message.model_dump(exclude_none=True),  # pyright: ignore
        finish_reason=choice.finish_reason or "",  # pyright: ignore
        usage=usage,
        cost=cost_of(response, way) if usage else None,
    )


def _usage(response: Any) -> Usage | None:
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


def reason(error: OpenAIError) -> str:
    """Why a call failed, without the class name that LiteLLM writes before it, often twice."""
    text = _LITELLM_CLASS.sub("", str(error), count=1)
    return f"{type(error).__name__}: {text}"


_LITELLM_CLASS = re.compile(r"^(litellm\.)?(\w+: )?(?=\w)")


def _for_want_of_a_key(error: OpenAIError, way: Route, parameters: Mapping[str, Any]) -> OpenAIError | None:
    """An AuthenticationError that names the variable to set, when that is what was missing.

    LiteLLM reports a missing key as whatever the provider's client made of it, a server error
    among others, which would be tried again.
    """
    if way.simulated or "api_key" in parameters:
        return None
    missing: list[str] = litellm.validate_environment(way.litellm_model)["missing_keys"]
    if not missing:
        return None
    sentence = (
        f"no API key: set {' and '.join(missing)}, or try it without one as {SIMULATED_PREFIX}{way.name}"
    )
    return litellm.AuthenticationError(sentence, llm_provider=way.provider, model=way.name)


def retry_after(error: OpenAIError) -> float:
    """Seconds the provider asked to wait, 0 when it named none."""
    response = getattr(error, "response", None)
    value = response.headers.get("retry-after", "") if response is not None else ""
    return float(value) if value.isdigit() else 0.0
