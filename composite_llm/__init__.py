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

    from composite_llm.accounting.receipts import Receipt, receipt

__all__ = ["Receipt", "acompletion", "completion", "receipt", "register", "show"]

# LiteLLM otherwise downloads its price list when imported, waits seconds for it where there
# is no network, and prices change from one start to the next.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")


def register() -> None:
    """Make `composite/…` models known to LiteLLM in this process."""
    from composite_llm.litellm_provider import register_composite_provider

    register_composite_provider()


def completion(model: str, messages: list[Any], **parameters: Any) -> "ModelResponse":
    """`litellm.completion` of a composite model: registered, guarded, and never run twice."""
    import litellm

    return litellm.completion(model, messages, **_prepared(parameters))  # pyright: ignore


async def acompletion(model: str, messages: list[Any], **parameters: Any) -> "ModelResponse":
    """`litellm.acompletion` of a composite model: registered, guarded, and never run twice."""
    import litellm

    return await litellm.acompletion(model, messages, **_prepared(parameters))  # pyright: ignore


def show(run: "ModelResponse | Receipt | str") -> None:
    """Draw a run, given by its response, its receipt or its trace id, where this is called: inline in a
    notebook, as text anywhere else. Its spans are handed over first, and waited for a little."""
    from composite_llm.display import show

    show(run)


def _prepared(parameters: dict[str, Any]) -> dict[str, Any]:
    """LiteLLM would retry the whole composite, and refuses these parameters for providers it does not know."""
    register()
    defaults = {"num_retries": 0, "allowed_openai_params": ["reasoning_effort", "thinking", "verbosity"]}
    return defaults | parameters


def __getattr__(name: str) -> Any:
    if name in {"Receipt", "receipt"}:
        from composite_llm.accounting import receipts

        return getattr(receipts, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
