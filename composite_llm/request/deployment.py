"""What a Router's deployment says of a request, apart from what the call says.

The Router hands both over as one, so that of a parameter given in two places (`composite={...}` in one,
top level in the other) nobody could tell whose is whose. The deployment's own is looked up again where
the Router that chose it can be found.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import litellm


def deployment_parameters(metadata: Mapping[str, Any], arrived: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `arrived` that the deployment gives, as it gives them; empty without a Router.

    LiteLLM keeps the rest of a deployment's `litellm_params` (keys, limits, prices) to itself.
    """
    identifier = (metadata.get("model_info") or {}).get("id")
    for router in routers_with(identifier):
        given = router.get_deployment(model_id=identifier).litellm_params.model_dump(exclude_none=True)
        return {name: value for name, value in given.items() if name in arrived}
    return {}


def routers_with(identifier: str | None) -> Iterator[Any]:
    """The Routers that have a deployment of this name, as they were made."""
    if identifier:
        yield from (router for router in _routers() if router.has_model_id(identifier))


def _routers() -> Iterator[Any]:
    """Each Router listens to LiteLLM's successes, and so can be found there."""
    seen: list[Any] = []
    for listener in [*litellm._async_success_callback, *litellm.success_callback]:
        owner = getattr(listener, "__self__", None)
        if isinstance(owner, litellm.Router) and not any(owner is other for other in seen):
            seen.append(owner)
            yield owner
