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
    for router in _routers() if identifier else ():
        deployment = router.get_deployment(model_id=identifier)
        if deployment is not None:
            given = deployment.litellm_params.model_dump(exclude_none=True)
            return {name: value for name, value in given.items() if name in arrived}
    return {}


def _routers() -> Iterator[Any]:
    """Each Router listens to LiteLLM's successes, and so can be found there."""
    for listener in [*litellm._async_success_callback, *litellm.success_callback]:
        owner = getattr(listener, "__self__", None)
        if isinstance(owner, litellm.Router):
            yield owner
