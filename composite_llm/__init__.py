"""Composite LLM strategies behind LiteLLM, with a span for every call they make.

    import composite_llm, litellm
    composite_llm.register()
    litellm.completion(model="composite/moa/openai/gpt-4o", messages=..., proposers=[...])

Importing this is cheap: LiteLLM is loaded by `register`, `completion` or `acompletion`.
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from litellm import ModelResponse

    from composite_llm.receipts import Receipt, receipt

__all__ = ["Receipt", "acompletion", "completion", "receipt", "register"]

# LiteLLM otherwise downloads its price list when imported, waits seconds for it where there
# is no network, and prices change from one start to the next.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


def register() -> None:
    """Make `composite/…` models known to LiteLLM in this process."""
    from composite_llm.litellm_provider import register_composite_provider

    register_composite_provider()


def completion(model: str, messages: list[Any], **parameters: Any) -> "ModelResponse":
    """`litellm.completion` of a composite model, registered and without retries of the whole."""
    import litellm

    register()
    return litellm.completion(model, messages, num_retries=0, **parameters)  # pyright: ignore


async def acompletion(model: str, messages: list[Any], **parameters: Any) -> "ModelResponse":
    """`litellm.acompletion` of a composite model, registered and without retries of the whole."""
    import litellm

    register()
    return await litellm.acompletion(model, messages, num_retries=0, **parameters)  # pyright: ignore


def __getattr__(name: str) -> Any:
    if name in {"Receipt", "receipt"}:
        from composite_llm import receipts

        return getattr(receipts, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
