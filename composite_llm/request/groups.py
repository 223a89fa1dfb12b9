"""Model groups of the Router a request came through, by which a model may be named.

A name is read in this order:

1. `sim/…` and `composite/…` (strategies and profiles) are ours, whatever groups there are.
2. `provider/model`, with a provider LiteLLM knows, is that model, with the keys of the environment.
3. The name of a group is the group: also where LiteLLM would guess a provider from it (`gpt-4o`), since who
   gave a group this name meant it.
4. Anything else is what LiteLLM makes of it, or unknown.

The Router chooses a deployment for every attempt, by its own strategy and its own view of which are healthy.
The engine sends the call, so that each attempt is a span with the model, provider and price of the deployment
that was asked: the Router's own retries and fallbacks would be calls that nobody sees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import litellm
from litellm.types.router import GenericLiteLLMParams
from openai import OpenAIError

from composite_llm import settings
from composite_llm.content import Message
from composite_llm.errors import BadRequest
from composite_llm.request.deployed import Deployed
from composite_llm.request.deployment import routers_with
from composite_llm.request.route import COMPOSITE_PREFIX, SIMULATED_PREFIX, Route, provider_of, route

_OF_THE_ROUTER = {*GenericLiteLLMParams.model_fields, "model", "weight", "order"}
"""What a deployment tells LiteLLM, and no composite."""


class NoDeployment(Exception):
    """The Router has none to ask now: all rest, or are at their limits."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Those of one Router, for one client; without a Router there are none."""

    router: Any = field(default=None, repr=False)
    team: str | None = None
    """The proxy's team of who asks: some deployments are one team's alone."""

    @classmethod
    def behind(cls, metadata: Mapping[str, Any]) -> "Groups":
        """The groups of the Router that LiteLLM's `metadata` of a request comes from.

        Of several with the very same deployment it is the one that was made last.
        """
        routers = list(routers_with((metadata.get("model_info") or {}).get("id")))
        return cls(routers[-1], metadata.get("user_api_key_team_id")) if routers else cls()

    @property
    def identity(self) -> Sequence[str]:
        """Equal for equal deployments, keys and all; nothing can be read back from it."""
        return sorted(self.router.get_model_ids()) if self.router else ()

    def holds(self, name: str) -> bool:
        if self.router is None or name.startswith((SIMULATED_PREFIX, COMPOSITE_PREFIX)) or "*" in name:
            return False
        prefix, slash, _ = name.partition("/")
        if slash and prefix in litellm.provider_list:
            return False
        aliases = self.router.model_group_alias or {}
        named = name in self.router.model_names or name in aliases
        return named or self.router.get_routing_group(name) is not None

    def ways(self, name: str) -> Sequence[Route]:
        """Every way a call to `name` may take. Raises BadRequest where there is none."""
        if not self.holds(name):
            return [route(name)]
        ways = [self._way(name, deployment) for deployment in self._deployments(name)]
        if not ways:
            raise BadRequest(f"The model group {name!r} has no deployment for this client.")
        return ways

    async def way(self, name: str, messages: Sequence[Message]) -> Route:
        """The way the next attempt takes. Raises NoDeployment."""
        if not self.holds(name):
            return route(name)
        asked = {"metadata": {"user_api_key_team_id": self.team} if self.team else {}}
        try:
            deployment = await self.router.async_get_available_deployment(
                name, request_kwargs=asked, messages=list(messages)
            )
            await self.router.async_routing_strategy_pre_call_checks(deployment, None)
        except (ValueError, OpenAIError) as error:  # where none is healthy it raises a ValueError
            raise NoDeployment(f"no deployment of the model group {name!r} can be asked now") from error
        return self._way(name, deployment)

    def composite(self, name: str) -> tuple[str, Mapping[str, Any]] | None:
        """The composite a group stands for, and the parameters its deployment gives; None for plain models."""
        if not self.holds(name):
            return None
        given = [deployment["litellm_params"] for deployment in self._deployments(name)]
        composites = [each for each in given if str(each["model"]).startswith(COMPOSITE_PREFIX)]
        if not composites:
            return None
        if len(given) > 1:
            raise BadRequest(
                f"The model group {name!r} has several deployments, one of them a composite: "
                "as a member of another composite it may have only that one."
            )
        own = {key: value for key, value in composites[0].items() if key not in _OF_THE_ROUTER}
        return str(composites[0]["model"]), own

    def _deployments(self, name: str) -> Sequence[Mapping[str, Any]]:
        return self.router.get_model_list(name, team_id=self.team) or ()

    def _way(self, name: str, deployment: Mapping[str, Any]) -> Route:
        given = deployment["litellm_params"]
        asked = str(given["model"])
        if settings.load().simulate:
            return route(asked)
        model, provider = provider_of(asked, given.get("custom_llm_provider"))
        info = deployment.get("model_info") or {}
        deployed = Deployed(name, str(info.get("id")), self.router, dict(given), dict(info))
        return Route(f"{provider}/{model}", model, provider, asked, None, deployed=deployed)
