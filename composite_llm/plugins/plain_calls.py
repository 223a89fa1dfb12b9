"""Plugins at calls of plain models, through LiteLLM's hooks: asynchronous calls, and the proxy with its streams.

LiteLLM 1.106 has no hook that could change a synchronous call of a plain model, or one that is streamed outside
the proxy; a composite has its own way. What a
plugin asks from here is a composite request of its own (`composite/direct/…`), so it has a trace and a price,
which is added to the response's cost.
"""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import litellm
from litellm.integrations.custom_logger import CustomLogger

from composite_llm.content import Message
from composite_llm.errors import Refused
from composite_llm.host import PREFIX, PROVIDER
from composite_llm.plugins.isolated import Isolated
from composite_llm.plugins.plain_records import own_cost, record, summary

if TYPE_CHECKING:
    from composite_llm.plugins.plugin import Exchange, Plugin

log = logging.getLogger(__name__)

_CHAT = {"acompletion", "completion"}
_OTHER_DOORS = {"anthropic_messages": "/v1/messages", "aresponses": "/v1/responses"}


class PlainCalls(CustomLogger):
    """LiteLLM's side of a plugin."""

    _warned = False
    """Whether it has said what it cannot change: once is enough for a program."""

    @property
    def _plugin(self) -> "Plugin":
        return cast("Plugin", self)

    async def async_pre_call_deployment_hook(
        self, kwargs: dict[str, Any], call_type: Any
    ) -> dict[str, Any] | None:
        exchange = self._met(kwargs, call_type)
        if exchange is None:
            self._warn_of_another_door(kwargs, getattr(call_type, "value", call_type))
            return None
        plugin = self._plugin
        if kwargs.get("stream") and plugin.rewrites and "proxy_server_request" not in kwargs:
            log.warning("plugin %s cannot change this answer: it is streamed outside the proxy", plugin.name)
        try:
            messages = await plugin.step("on_request", lambda: plugin.on_request(exchange))
        except Refused as error:
            raise litellm.ContentPolicyViolationError(str(error), exchange.model, "plugin") from None
        if messages is None:
            return None
        if "messages" not in kwargs:
            # Handed over by position, they are out of reach: what was to be changed must not go out as it is.
            sentence = f"plugin {plugin.name} has to change the messages: pass them as messages=…"
            raise litellm.BadRequestError(sentence, exchange.model, "plugin")
        return {**kwargs, "messages": list(messages)}

    async def async_post_call_success_deployment_hook(
        self, request_data: dict[str, Any], response: Any, call_type: Any
    ) -> Any:
        exchange = self._met(request_data, call_type)
        plugin = self._plugin
        if exchange is None or not plugin.rewrites or not isinstance(response, litellm.ModelResponse):
            return None
        bill = _Bill()
        exchange = bill.opened(exchange)
        for choice in response.choices:
            if text := choice.message.content:  # pyright: ignore[reportAttributeAccessIssue]
                work = partial(plugin.on_answer, exchange, text)
                choice.message.content = await plugin.step("on_answer", work) or text  # pyright: ignore
        bill.add_to(response)
        return response

    async def async_post_call_streaming_iterator_hook(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, user_api_key_dict: Any, response: AsyncIterator[Any], request_data: dict[str, Any]
    ) -> AsyncGenerator[Any]:
        """The proxy's, for streams. In the SDK LiteLLM 1.106 hands over the last chunk alone, which is too late."""
        exchange = self._met(request_data, "acompletion")
        plugin = self._plugin
        stream = _Stream(plugin, exchange) if exchange and plugin.rewrites else None
        async for chunk in response:
            if stream and isinstance(chunk, litellm.ModelResponseStream) and chunk.choices:
                await stream.rewrite(chunk)
            yield chunk

    def __init_subclass__(cls, **more: Any) -> None:
        """The proxy looks for its hook in the class itself, and not in those it is made from."""
        super().__init_subclass__(**more)
        if "async_post_call_streaming_iterator_hook" not in cls.__dict__:
            cls.async_post_call_streaming_iterator_hook = PlainCalls.async_post_call_streaming_iterator_hook

    def log_pre_api_call(self, model: Any, messages: Any, kwargs: dict[str, Any]) -> None:
        """All there is at a synchronous call: too late to change it, and LiteLLM passes over what is raised here."""
        plugin = self._plugin
        if self._warned or not plugin.changes or kwargs.get("call_type") != "completion":
            return
        if self._met(kwargs, "completion") is not None:
            self._warned = True
            log.warning(
                "plugin %s cannot change %s: it is called synchronously, and LiteLLM has no hook for that. Its prompt "
                "and answer pass as they are. Call it with litellm.acompletion, through the proxy, or as %sdirect/…",
                plugin.name,
                model,
                PREFIX,
            )

    def _warn_of_another_door(self, request: Mapping[str, Any], call_type: Any) -> None:
        plugin, path = self._plugin, _OTHER_DOORS.get(call_type)
        if path and plugin.changes and not self._warned and self._met(request, "acompletion") is not None:
            self._warned = True
            log.warning(
                "plugin %s may not be able to change plain models at %s: LiteLLM passes on what their providers "
                "understand. Call them at /v1/chat/completions, or as %sdirect/…",
                plugin.name,
                path,
                PREFIX,
            )

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        if kwargs.get("call_type") == "completion":  # LiteLLM calls this for asynchronous calls as well
            self._tell(kwargs, start_time, end_time, response=response_obj)

    async def async_log_success_event(
        self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        self._tell(kwargs, start_time, end_time, response=response_obj)

    def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        if kwargs.get("call_type") == "completion":
            self._tell(kwargs, start_time, end_time, error=kwargs.get("exception"))

    async def async_log_failure_event(
        self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any
    ) -> None:
        self._tell(kwargs, start_time, end_time, error=kwargs.get("exception"))

    def _tell(
        self, kwargs: Any, started: Any, ended: Any, *, response: Any = None, error: Any = None
    ) -> None:
        exchange, plugin = self._met(kwargs, kwargs.get("call_type")), self._plugin
        if exchange is not None:
            seconds = (ended - started).total_seconds()
            call = record(kwargs, seconds, response, error)
            plugin.tell("on_call", lambda: plugin.on_call(exchange, call))
            plugin.tell("on_end", lambda: plugin.on_end(exchange, summary(call, response, error)))

    def _met(self, request: Mapping[str, Any], call_type: Any) -> "Exchange | None":
        """The exchange, where this is a plain chat call that the plugin is for."""
        from composite_llm.plugins.plugin import Exchange, busy

        plugin = self._plugin
        model = str(_given(request, "model") or "")
        params = request.get("litellm_params") or {}
        metadata = request.get("metadata") or request.get("litellm_metadata") or params.get("metadata") or {}
        provider = _provider(request)
        names = {model, f"{provider}/{model}", str(metadata.get("model_group") or model)}
        if (
            busy()
            or getattr(call_type, "value", call_type) not in _CHAT
            or PROVIDER in (provider, model.partition("/")[0])
        ):
            return None
        if not any(map(plugin.applies_to, names)):
            return None
        messages = _given(request, "messages") or []
        return Exchange(model, messages, _ask, metadata, str(request.get("litellm_call_id") or ""))


def _provider(request: Mapping[str, Any]) -> str:
    """LiteLLM's name of it, once it has found out."""
    details = getattr(request.get("litellm_logging_obj"), "model_call_details", {})
    return str(request.get("custom_llm_provider") or details.get("custom_llm_provider") or "")


def _given(request: Mapping[str, Any], name: str) -> Any:
    """An argument of the call, also one that was handed over by position."""
    return request.get(name) or getattr(request.get("litellm_logging_obj"), name, None)


async def _ask(model: str, messages: Sequence[Message], **parameters: Any) -> str:
    return (await _asked(model, messages, **parameters)).choices[0].message.content or ""


async def _asked(model: str, messages: Sequence[Message], **parameters: Any) -> Any:
    import composite_llm
    from composite_llm.plugins.plugin import no_plugins

    with no_plugins():
        return await composite_llm.acompletion(f"{PREFIX}direct/{model}", list(messages), **parameters)


class _Bill:
    """What a plugin's own calls for one response cost."""

    def __init__(self) -> None:
        self._costs: list[float | None] = []

    def opened(self, exchange: "Exchange") -> "Exchange":
        return replace(exchange, ask=self._ask)

    async def _ask(self, model: str, messages: Sequence[Message], **parameters: Any) -> str:
        response = await _asked(model, messages, **parameters)
        self._costs.append(response._hidden_params["response_cost"])
        return response.choices[0].message.content or ""

    def add_to(self, response: Any) -> None:
        """An unknown part makes the whole unknown."""
        if not self._costs:
            return
        costs = [own_cost(response), *self._costs]
        known = [cost for cost in costs if cost is not None]
        response._hidden_params["response_cost"] = sum(known) if len(known) == len(costs) else None


class _Stream:
    """One streamed answer on its way through one plugin: each chunk is changed as it passes."""

    def __init__(self, plugin: "Plugin", exchange: "Exchange") -> None:
        self._plugin, self._exchange = plugin, exchange
        rewriter = plugin.tell("rewriter", partial(plugin.rewriter, exchange))
        self._rewriter = Isolated(plugin, rewriter) if rewriter else None
        self._held = ""

    async def rewrite(self, chunk: Any) -> None:
        choice = chunk.choices[0]
        text = choice.delta.content or ""
        if choice.finish_reason is None:
            choice.delta.content = self._fed(text) or (None if not text else "")
        elif rest := self._fed(text) + await self._end():
            choice.delta.content = rest

    def _fed(self, text: str) -> str:
        if self._rewriter is not None:
            return self._rewriter.feed(text) if text else ""
        self._held += text
        return ""

    async def _end(self) -> str:
        if self._rewriter is not None:
            return self._rewriter.end()
        held, self._held = self._held, ""
        if not held:
            return ""
        return (
            await self._plugin.step("on_answer", lambda: self._plugin.on_answer(self._exchange, held)) or held
        )
