"""What a proxy asks us for besides answers: whether names still lead here, and what requests have cost.

LiteLLM's own command calls these too, as they come with the handler that its configuration names.
"""

from typing import Any

from litellm.integrations.custom_logger import CustomLogger

from composite_llm import host
from composite_llm.accounting.reporting import told_cost, told_of

COST_HEADER = "x-litellm-response-cost"


class ProxyCallbacks(CustomLogger):
    async def async_pre_call_hook(self, *_: Any, **__: Any) -> None:
        """Before every request, as a configuration's `model_alias_map` takes the place of what guards names."""
        host.set_up()

    async def async_logging_hook(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, kwargs: dict[str, Any], result: Any, call_type: str
    ) -> tuple[dict[str, Any], Any]:
        """Before the budgets of keys are charged. LiteLLM's record has 0.0 where a cost is unknown, so that a
        composite with one unpriced member would be free; what is known of it is charged instead."""
        payload: dict[str, Any] = kwargs.get("standard_logging_object") or {}
        of_ours = payload.get("custom_llm_provider") == host.PROVIDER
        if of_ours and kwargs.get("response_cost") is None and (told := told_cost(kwargs)):
            payload["response_cost"] = told.known_usd
            kwargs["response_cost"] = told.known_usd if told.is_all else None
        return kwargs, result

    async def async_post_call_response_headers_hook(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, data: dict[str, Any], user_api_key_dict: Any, response: Any, **_: Any
    ) -> dict[str, str] | None:
        """LiteLLM says of every request that failed that it cost 0, also where most of its calls were answered."""
        payload: dict[str, Any] = data.get("standard_logging_object") or {}
        if response is not None or payload.get("custom_llm_provider") != host.PROVIDER:
            return None
        told = told_of(payload.get("metadata"))
        return {COST_HEADER: str(told.known_usd) if told.is_all else "unknown"} if told else None
