"""What a failed call says of itself: whether to try again, whether it may be billed, what to tell the client."""

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import litellm
from litellm.llms.base_llm.chat.transformation import BaseLLMException
from openai import APIStatusError, OpenAIError

from composite_llm.accounting.ledger import Cost, Usage
from composite_llm.agent_cli.failures import ProgramFailed
from composite_llm.encodable import encodable
from composite_llm.request.route import SIMULATED_PREFIX, Route

LONGEST_PAUSE_S = 30.0
"""A provider that asks for more is given up on: a client waits for the whole composite meanwhile."""

_SERVER_SIDE = (408, 429, *range(500, 600))
_AT_THE_DOOR = (503, 529)
_AT_WORK = (408, 499)
_BILLS_BAD_REQUESTS = ("azure", "azure_ai")
_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout)
_KEY_WORDS = re.compile(r"api.?key|credential", re.IGNORECASE)


def is_timeout(error: OpenAIError) -> bool:
    return isinstance(error, litellm.Timeout)


def may_succeed_later(error: Exception) -> bool:
    return getattr(error, "status_code", None) in _SERVER_SIDE


def is_bad_request(error: Exception | None) -> bool:
    """True where the server did not like how the request was put, rather than how long it is or what it says."""
    told_apart = (litellm.ContextWindowExceededError, litellm.ContentPolicyViolationError)
    return isinstance(error, litellm.BadRequestError) and not isinstance(error, told_apart)


def was_refused(error: OpenAIError) -> bool:
    """True when the provider answered that it would not, or was never reached: nothing can be billed.

    By the status of its answer, whatever class LiteLLM makes of it. Who has begun to work may bill for it, whether
    or not an answer comes of it, and only Azure says in public when it does (for a 408, and for a 400 over what
    stands in the prompt). So 4xx is a refusal, but for 408 (timed out), 499 (the client is gone) and a content
    filter's; so are 503 and 529, which are said at the door. 500, 502, 504 and the like come from the midst of
    the work, or from a gateway that does not know of it. An answer that was cut off or could not be read was
    written, and is paid for.
    """
    if any(isinstance(cause, _NOTHING_SENT) for cause in _causes(error)):
        return True
    if isinstance(error.__cause__, ProgramFailed):  # it has no status; the classes are by what it said
        return not error.__cause__.may_be_billed
    if isinstance(error, litellm.ContentPolicyViolationError):
        return False
    status = _status_told(error)
    if status is None:
        own = getattr(error, "status_code", None) or 0
        return 400 <= own < 500 and not is_timeout(error)
    if status == 400 and getattr(error, "llm_provider", None) in _BILLS_BAD_REQUESTS:
        return False
    return status in _AT_THE_DOOR or (400 <= status < 500 and status not in _AT_WORK)


def used(error: OpenAIError) -> tuple[Usage | None, Cost | None]:
    """What a call has used and cost that failed, where it says so; a server's error never does."""
    cause = error.__cause__
    return (cause.usage, cause.cost) if isinstance(cause, ProgramFailed) else (None, None)


def _status_told(error: BaseException) -> int | None:
    """Of the provider's own answer; None where there was none."""
    for cause in _causes(error):
        if isinstance(cause, httpx.HTTPStatusError):
            return cause.response.status_code
        if isinstance(cause, APIStatusError) and not type(cause).__module__.startswith("litellm."):
            return cause.status_code
        if isinstance(cause, BaseLLMException) and not cause.status_code_is_synthesized:
            return cause.status_code
    return None


def seconds_asked_for(error: Exception) -> float:
    """What the provider's `Retry-After` says, 0 when it says nothing."""
    for told in (error, *_causes(error)):
        response = getattr(told, "response", None)
        value = response.headers.get("retry-after", "") if response is not None else ""
        if seconds := _seconds_until(value):
            return seconds
    return 0.0


def _seconds_until(retry_after: str) -> float:
    """The header says seconds or, more rarely, a date (RFC 9110, section 10.2.3)."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return max(0.0, moment.timestamp() - time.time())


def reason(error: OpenAIError) -> str:
    """Why a call failed, with its class once: LiteLLM often writes it twice."""
    name = type(error).__name__
    return encodable(re.sub(rf"^((litellm\.)?{name}: )*", f"{name}: ", str(error), count=1))


def for_want_of_a_key(error: OpenAIError, way: Route, parameters: Mapping[str, Any]) -> OpenAIError | None:
    """An AuthenticationError that names the variable to set, when a missing key is what made the call fail.

    LiteLLM reports that as whatever the provider's client made of it, a server error among others,
    which would be tried again.
    """
    if way.simulated or "api_key" in parameters or litellm.api_key:
        return None
    denied = isinstance(error, litellm.AuthenticationError)
    if not denied and (_was_answered(error) or not _KEY_WORDS.search(str(error))):
        return None
    missing = missing_keys(way.litellm_model)
    if not missing:
        return None
    sentence = (
        f"no API key: set {' and '.join(missing)}, or try it without one as {SIMULATED_PREFIX}{way.name}"
    )
    return litellm.AuthenticationError(sentence, llm_provider=way.provider, model=way.name)


def missing_keys(model: str) -> list[str]:
    """Variables that hold the key of this model's provider and are not set; empty where it needs none."""
    missing: list[str] = litellm.validate_environment(model)["missing_keys"]
    return [name for name in missing if name.endswith("_API_KEY")]


def _was_answered(error: OpenAIError) -> bool:
    return any(isinstance(cause, (APIStatusError, httpx.HTTPStatusError)) for cause in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """What led to an error, below LiteLLM's own exception, whose base class is not the provider's word."""
    seen = {id(error)}
    cause = error.__cause__ or error.__context__
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = cause.__cause__ or cause.__context__
