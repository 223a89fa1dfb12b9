"""LiteLLM as the host of composite models: the settings without which it would get in their way."""

from collections.abc import Iterable
from typing import Any, TypeVar

import litellm

from composite_llm.route import HIJACKED

PROVIDER = "composite"
PREFIX = f"{PROVIDER}/"

AnyError = TypeVar("AnyError", bound=BaseException)


def set_up() -> None:
    """Calling it again changes nothing, but puts back what somebody may have replaced meanwhile."""
    litellm.suppress_debug_info = True  # else an unknown model prints a banner beside our error
    # LiteLLM's cache otherwise takes composites with other members for the same request.
    litellm.enable_caching_on_provider_specific_optional_params = True
    if not isinstance(litellm.model_alias_map, _CheckedAliases):
        litellm.model_alias_map = _CheckedAliases(litellm.model_alias_map)


def never_again(error: AnyError) -> AnyError:
    """Keeps a Router, and so the proxy, from running the whole composite three times for one failure.

    The engine has tried again what is worth it, call by call. A Router takes what an error says for the
    deployment's own number of retries; its fallbacks to other models go on.
    """
    error.num_retries = 0  # pyright: ignore[reportAttributeAccessIssue]
    return error


def refuse_hijacked(model: str) -> None:
    """BadRequestError for a composite model that LiteLLM would send elsewhere because of a word in its name."""
    if model.startswith(PREFIX) and any(word in model for word in HIJACKED):
        message = f"{model}: LiteLLM sends any model with this name to its own provider. Name it as a member instead."
        raise litellm.BadRequestError(message, model=model, llm_provider=PROVIDER)


class _CheckedAliases(dict[str, str]):
    """LiteLLM's table of other names for models: all it asks about a name before it decides where it leads.

    The provider itself cannot refuse what never reaches it.
    """

    def __init__(self, aliases: Iterable[Any] | dict[str, str] = ()) -> None:
        super().__init__(aliases)

    def __bool__(self) -> bool:
        return True  # LiteLLM does not look into an empty one

    def __contains__(self, model: object) -> bool:
        refuse_hijacked(str(model))
        return super().__contains__(model)
