"""LiteLLM's door: `composite/<strategy>/<provider>/<model>` as a custom provider."""

import contextvars
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any

import httpx
import litellm

from composite_llm import capture, host, settings
from composite_llm.accounting.billing import price_no_names, price_only_by_calls
from composite_llm.accounting.ledger import Ledger
from composite_llm.accounting.receipts import HIDDEN_PARAM, Receipt
from composite_llm.accounting.reporting import reported_usage, tell_callbacks, tell_of_failure
from composite_llm.encodable import encodable
from composite_llm.engine.execution import Incoming, execute
from composite_llm.engine.loop_thread import iterate_sync, run_sync
from composite_llm.engine.run import Reply
from composite_llm.errors import (
    AllCallsFailed,
    BadRequest,
    BudgetExceeded,
    CallFailed,
    CompositeError,
    DeadlineExceeded,
    Refused,
)
from composite_llm.host import PROVIDER
from composite_llm.plugins.registry import install_from_settings
from composite_llm.redaction import without_secrets
from composite_llm.request import past_litellm
from composite_llm.request.groups import Groups
from composite_llm.request.reading import PREFIX
from composite_llm.streaming.door import stream

DEFAULT_TIMEOUT_S = 600.0


def register_composite_provider() -> None:
    """Make LiteLLM send `composite/…` models here. Calling it again changes nothing."""
    settings.read_dotenv()
    capture.check()
    host.set_up()
    price_no_names()
    past_litellm.carry()
    others = [entry for entry in litellm.custom_provider_map if entry["provider"] != PROVIDER]
    if len(others) == len(litellm.custom_provider_map):
        litellm.custom_provider_map = [*others, {"provider": PROVIDER, "custom_handler": CompositeLLM()}]
        litellm.utils.custom_llm_setup()
    install_from_settings()


class CompositeLLM(litellm.CustomLLM):
    """LiteLLM calls these with keyword arguments only."""

    def completion(self, *_: Any, **request: Any) -> litellm.ModelResponse:
        return run_sync(lambda: self.acompletion(**request))

    async def acompletion(self, *_: Any, **request: Any) -> litellm.ModelResponse:
        ledger = Ledger()
        try:
            reply, receipt = await execute(_incoming(request), ledger=ledger)
        except Exception as error:
            raise _told(error, ledger, request) from error
        tell_callbacks(request["logging_obj"], receipt)
        return _response(reply, receipt)

    def streaming(self, *_: Any, **request: Any) -> Iterator[Any]:
        context = contextvars.copy_context()  # of the call, which is not always where the stream is read
        return iterate_sync(lambda: _stream(request, context))

    def astreaming(self, *_: Any, **request: Any) -> AsyncGenerator[Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return _stream(request, contextvars.copy_context())


def _stream(request: dict[str, Any], context: contextvars.Context) -> AsyncGenerator[Any]:
    return stream(
        _incoming(request),
        context,
        done=lambda receipt: tell_callbacks(request["logging_obj"], receipt),
        told=lambda error, ledger: _told(error, ledger, request),
    )


def _told(error: Exception, ledger: Ledger, request: dict[str, Any]) -> Exception:
    """What the client gets of an error; LiteLLM's callbacks hear what the request used all the same."""
    tell_of_failure(request["logging_obj"], ledger)
    model = PREFIX + host.plain_name(request["model"])
    own = as_litellm_error(error, model) if isinstance(error, CompositeError) else _bug(error, model)
    return host.never_again(own)


def as_litellm_error(error: CompositeError, model: str) -> Exception:
    """The LiteLLM exception that tells a client, and a Router, what kind of failure it was."""
    if isinstance(error, Refused):
        return litellm.ContentPolicyViolationError(str(error), model=model, llm_provider=PROVIDER)
    if isinstance(error, BadRequest | BudgetExceeded):  # which no Router runs again
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


def _incoming(request: dict[str, Any]) -> Incoming:
    price_only_by_calls(request.get("logging_obj"))
    litellm_params = request.get("litellm_params") or {}
    metadata = {**(litellm_params.get("metadata") or {})}
    if session := litellm_params.get("litellm_session_id"):
        metadata.setdefault("session_id", session)
    proxy_request = litellm_params.get("proxy_server_request") or {}
    connection = {name: request.get(name) for name in ("api_key", "api_base") if request.get(name)}
    return Incoming(
        model=encodable(host.plain_name(request["model"])),
        messages=encodable(past_litellm.as_given(request["messages"])),
        optional_params=encodable(
            {**_without_streaming(request["optional_params"]), **_extra_headers(request)}
        ),
        metadata=metadata,
        headers=proxy_request.get("headers") or {},
        remote=bool(proxy_request),
        connection=connection,
        call_id=litellm_params.get("litellm_call_id") or "",
        timeout_s=_seconds(request.get("timeout")),
        user=_user(request),
        groups=Groups.behind(metadata),
    )


def _user(request: dict[str, Any]) -> str | None:
    """LiteLLM drops `user` for providers it does not know, but logs it."""
    logged: dict[str, Any] = getattr(request.get("logging_obj"), "model_call_details", None) or {}
    return encodable(str(logged["user"])) if logged.get("user") else None


def _extra_headers(request: dict[str, Any]) -> dict[str, Any]:
    return {"extra_headers": request["headers"]} if request.get("headers") else {}


def _seconds(timeout: float | httpx.Timeout | None) -> float:
    if isinstance(timeout, httpx.Timeout):
        return timeout.read or DEFAULT_TIMEOUT_S
    return DEFAULT_TIMEOUT_S if timeout is None else float(timeout)


def _without_streaming(parameters: dict[str, Any]) -> dict[str, Any]:
    """Which is between LiteLLM and its client: the engine streams the call it can, and asks for usage always."""
    return {name: value for name, value in parameters.items() if name not in {"stream", "stream_options"}}


def _response(reply: Reply, receipt: Receipt) -> litellm.ModelResponse:
    """The final call's response, with the whole request's name, usage and cost."""
    response = reply.answer.response
    response.model = receipt.model
    response.usage = reported_usage(receipt)
    response._hidden_params = {"response_cost": receipt.cost_usd, HIDDEN_PARAM: receipt.as_dict()}
    return response
