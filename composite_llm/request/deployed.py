"""One deployment of a Router's model group, as a call is sent to it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from litellm.types.router import CredentialLiteLLMParams
from litellm.types.utils import CustomPricingLiteLLMParams

_CONNECTION = {*CredentialLiteLLMParams.model_fields, "base_url", "custom_llm_provider", "organization"}
"""Never the call's: a client that could name another address would be sent the deployment's key."""

_PRICES = set(CustomPricingLiteLLMParams.model_fields)
"""LiteLLM would enter them as the model's price for the whole process, and so for who asks it elsewhere."""

_ENGINES_OWN = {"model", "timeout", "stream_timeout", "max_retries", "num_retries", "silent_model", "tags"}
"""What the engine decides, and what would make calls that no span shows."""

_SECRET = ("key", "secret", "token", "password", "credentials")


@dataclass(frozen=True, slots=True)
class Deployed:
    """What the Router knows of it; `given` holds keys, and so no `repr` shows it."""

    group: str
    identifier: str
    router: Any = field(repr=False)
    given: Mapping[str, Any] = field(repr=False)
    """Its `litellm_params`."""
    model_info: Mapping[str, Any] = field(repr=False)

    @property
    def priced_as(self) -> str | None:
        """The entry of LiteLLM's price table that is this deployment's alone; None where it names no price."""
        own = any(given.get(name) is not None for given in (self.given, self.model_info) for name in _PRICES)
        return self.identifier if own else None

    @property
    def base_model(self) -> str | None:
        """The model behind a name that says nothing of it, as Azure's do."""
        return self.model_info.get("base_model") or self.given.get("base_model")

    @property
    def address(self) -> str:
        return str(self.given.get("api_base") or self.given.get("base_url") or "")

    def parameters(self, of_call: Mapping[str, Any]) -> dict[str, Any]:
        """What LiteLLM is told: what the call says goes before what the deployment says, but for where it leads."""
        kept_back = _ENGINES_OWN | _PRICES
        own = {name: value for name, value in self.given.items() if name not in kept_back}
        asked = {name: value for name, value in of_call.items() if name not in _CONNECTION}
        base_model = {"base_model": self.base_model} if self.base_model else {}
        return {**own, **asked, **base_model}

    def seconds(self, timeout: float) -> float:
        """Its own time limit where that is shorter."""
        own = self.given.get("timeout")
        return min(timeout, float(own)) if isinstance(own, int | float) and own > 0 else timeout

    @property
    def secrets(self) -> Sequence[str]:
        return list(_texts({name: value for name, value in self.given.items() if _is_secret(name)}))

    async def answered(self, tokens: int) -> None:
        """Told to the Router, for its limits and its view of what is healthy: it hears of no call made here."""
        told = {"standard_logging_object": {"total_tokens": tokens}, **self._heard_of}
        await self.router.deployment_callback_on_success(told, None, 0.0, 0.0)

    def failed(self, error: Exception) -> None:
        """So that the Router lets a broken deployment rest."""
        with suppress(Exception):  # whatever becomes of it there, the call has failed already and is booked
            self.router.deployment_callback_on_failure({"exception": error, **self._heard_of}, None, 0.0, 0.0)

    @property
    def _heard_of(self) -> dict[str, Any]:
        metadata = {"model_group": self.group, "deployment": self.given["model"]}
        return {"litellm_params": {"metadata": metadata, "model_info": {"id": self.identifier}}}


def _is_secret(name: str) -> bool:
    return any(word in name for word in _SECRET) and "per_token" not in name


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, str) and value:
        yield value
