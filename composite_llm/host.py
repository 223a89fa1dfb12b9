"""LiteLLM as the host of composite models: the settings without which it would get in their way."""

from collections.abc import Iterable
from typing import Any, TypeVar

import litellm

from composite_llm.request.route import HIJACKED

PROVIDER = "composite"
PREFIX = f"{PROVIDER}/"
MARK = "%"
"""Stands inside a word that LiteLLM must not recognize; no model's name has one."""

AnyError = TypeVar("AnyError", bound=BaseException)


def set_up() -> None:
    """Calling it again changes nothing, but puts back what somebody may have replaced meanwhile."""
    litellm.suppress_debug_info = True  # else an unknown model prints a banner beside our error
    # LiteLLM's cache otherwise takes composites with other members for the same request.
    litellm.enable_caching_on_provider_specific_optional_params = True
    if not isinstance(litellm.model_alias_map, _Aliases):
        litellm.model_alias_map = _Aliases(litellm.model_alias_map)


def never_again(error: AnyError) -> AnyError:
    """Keeps a Router, and so the proxy, from running the whole composite three times for one failure.

    The engine has tried again what is worth it, call by call. A Router takes what an error says for the
    deployment's own number of retries; its fallbacks to other models go on.
    """
    error.num_retries = 0  # pyright: ignore[reportAttributeAccessIssue]
    return error


def plain_name(model: str) -> str:
    """The name the client used, of one that had to be disguised on its way through LiteLLM."""
    return model.replace(MARK, "")


def _disguised(model: str) -> str:
    for word in HIJACKED:
        model = model.replace(word, f"{word[:-1]}{MARK}{word[-1]}")
    return model


class _Aliases(dict[str, str]):
    """LiteLLM's table of other names for models: all it asks about a name before it decides where it leads.

    LiteLLM sends every model with one of some words in its name to another provider, before it looks at the
    prefix: the prompt would leave the machine, and nothing of ours would ever be called. So composites of
    that kind go by another name until they are here (`plain_name`).
    """

    def __init__(self, aliases: Iterable[Any] | dict[str, str] = ()) -> None:
        super().__init__(aliases)

    def __bool__(self) -> bool:
        return True  # LiteLLM does not look into an empty one

    def __contains__(self, model: object) -> bool:
        return super().__contains__(model) or _is_taken(str(model))

    def __missing__(self, model: str) -> str:
        if _is_taken(model):
            return _disguised(model)
        raise KeyError(model)


def _is_taken(model: str) -> bool:
    return model.startswith(PREFIX) and any(word in model for word in HIJACKED)
