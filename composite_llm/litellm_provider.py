"""LiteLLM's door: `composite/<strategy>/<provider>/<model>` as a custom provider."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import httpx
import litellm
from litellm.types.utils import CompletionTokensDetailsWrapper, PromptTokensDetailsWrapper

from composite_llm import capture, host, settings
from composite_llm.engine import Reply
from composite_llm.errors import AllCallsFailed, BadRequest, CallFailed, CompositeError, DeadlineExceeded
from composite_llm.execution import Incoming, execute
from composite_llm.host import PROVIDER
from composite_llm.ledger import Usage
from composite_llm.loop_thread import run_sync
from composite_llm.receipts import HIDDEN_PARAM, Receipt
from composite_llm.redaction import without_secrets
from composite_llm.request import PREFIX

DEFAULT_TIMEOUT_S = 600.0


def register_composite_provider() -> None:
    """Make LiteLLM send `composite/…` models here. Calling it again changes nothing."""
    settings.read_dotenv()
    capture.check()
    host.set_up()
    others = [entry for entry in litellm.custom_provider_map if entry["provider"] != PROVIDER]
    if len(others) == len(litellm.custom_provider_map):
        litellm.custom_provider_map = [*others, {"provider": PROVIDER, "custom_handler": CompositeLLM()}]
        litellm.utils.custom_llm_setup()


class CompositeLLM(litellm.CustomLLM):
    """LiteLLM calls these with keyword arguments only."""

    def completion(self, *_: Any, **request: Any) -> litellm.ModelResponse:
        return run_sync(lambda: self.acompletion(**request))

    async def acompletion(self, *_: Any, **request: Any) -> litellm.ModelResponse:
        return await _run(request, stream=False)

    def streaming(self, *_: Any, **request: Any) -> Iterator[Any]:
        return iter([run_sync(lambda: _run(request, stream=True))])

    async def astreaming(self, *_: Any, **request: Any) -> AsyncIterator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        yield await _run(request, stream=True)


async def _run(request: dict[str, Any], *, stream: bool) -> litellm.ModelResponse:
    try:
        reply, receipt = await execute(_incoming(request, stream=stream))
    except CompositeError as error:
        raise host.never_again(as_litellm_error(error, PREFIX + request["model"])) from error
    except Exception as error:  # LiteLLM would take some of them for the client's fault
        raise host.never_again(_bug(error, PREFIX + request["model"])) from error
    return _response(reply, receipt)


def as_litellm_error(error: CompositeError, model: str) -> Exception:
    """The LiteLLM exception that tells a client, and a Router, what kind of failure it was."""
    if isinstance(error, BadRequest):
        return litellm.BadRequestError(str(error), model=model, llm_provider=PROVIDER)
    if isinstance(error, DeadlineExceeded):
        return litellm.Timeout(str(error), model=model, llm_provider=PROVIDER)
    if isinstance(error, CallFailed):
        return _like([error], str(error), model)
    if isinstance(error, AllCallsFailed):
        return _like(error.failures, str(error), model)
    raise AssertionError(f"no LiteLLM class for {type(error).__name__}")


def _bug(error: Exception, model: str) -> Exception:
    message = f"a bug of composite_llm: {type(error).__name__}: {without_secrets(str(error))}"
    return litellm.InternalServerError(message, llm_provider=PROVIDER, model=model)


_ALIKE = (
    litellm.AuthenticationError,
    litellm.PermissionDeniedError,
    litellm.ContextWindowExceededError,
    litellm.ContentPolicyViolationError,
    litellm.NotFoundError,
    litellm.BadRequestError,
    litellm.RateLimitError,
    litellm.Timeout,
    litellm.ServiceUnavailableError,
)


def _like(failures: Sequence[CallFailed], message: str, model: str) -> Exception:
    """The class all causes share, so a client can react to it.

    Else a bad request where every provider refused (a Router must not run the whole composite
    again for that), and a server error for the rest.
    """
    causes = [failure.cause for failure in failures]
    for kind in _ALIKE:
        if all(isinstance(cause, kind) for cause in causes):
            return _made(kind, message, model)
    if all(400 <= getattr(cause, "status_code", 500) < 500 for cause in causes):
        return litellm.BadRequestError(message, model=model, llm_provider=PROVIDER)
    return litellm.InternalServerError(message, model=model, llm_provider=PROVIDER)


def _made(kind: Any, message: str, model: str) -> Exception:
    if kind is litellm.PermissionDeniedError:  # the only one that cannot be made without a response
        response = httpx.Response(403, request=httpx.Request("POST", "http://composite"))
        return kind(message=message, model=model, llm_provider=PROVIDER, response=response)
    return kind(message=message, model=model, llm_provider=PROVIDER)


def _incoming(request: dict[str, Any], *, stream: bool) -> Incoming:
    litellm_params = request.get("litellm_params") or {}
    metadata = {**(litellm_params.get("metadata") or {})}
    if session := litellm_params.get("litellm_session_id"):
        metadata.setdefault("session_id", session)
    proxy_request = litellm_params.get("proxy_server_request") or {}
    connection = {name: request.get(name) for name in ("api_key", "api_base") if request.get(name)}
    return Incoming(
        model=request["model"],
        messages=request["messages"],
        optional_params={**request["optional_params"], **_extra_headers(request)},
        metadata=metadata,
        headers=proxy_request.get("headers") or {},
        connection=connection,
        call_id=litellm_params.get("litellm_call_id") or "",
        timeout_s=_seconds(request.get("timeout")),
        stream=stream,
    )


def _extra_headers(request: dict[str, Any]) -> dict[str, Any]:
    return {"extra_headers": request["headers"]} if request.get("headers") else {}


def _seconds(timeout: float | httpx.Timeout | None) -> float:
    if isinstance(timeout, httpx.Timeout):
        return timeout.read or DEFAULT_TIMEOUT_S
    return DEFAULT_TIMEOUT_S if timeout is None else float(timeout)


def _response(reply: Reply, receipt: Receipt) -> litellm.ModelResponse:
    """The final call's response, with the whole request's name, usage and cost."""
    response = reply.answer.response
    response.model = receipt.model
    response.usage = _usage(receipt.usage)
    response._hidden_params = {"response_cost": receipt.cost_usd, HIDDEN_PARAM: receipt.as_dict()}
    return response


def _usage(usage: Usage) -> litellm.Usage:
    return litellm.Usage(
        prompt_tokens=usage.input,
        completion_tokens=usage.output,
        total_tokens=usage.input + usage.output,
        prompt_tokens_details=PromptTokensDetailsWrapper(
            cached_tokens=usage.cached, cache_creation_tokens=usage.cache_write
        ),
        completion_tokens_details=CompletionTokensDetailsWrapper(reasoning_tokens=usage.reasoning),
    )
