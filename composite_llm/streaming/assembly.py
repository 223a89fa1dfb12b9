"""What a stream has said so far, as the answer it would have been in one piece."""

from collections.abc import Sequence
from typing import Any

import litellm

from composite_llm.prices import cost_of
from composite_llm.route import Route
from composite_llm.transport import Answer, Choice, choices_of, usage_of


def assembled(chunks: Sequence[Any], way: Route, logging_obj: Any) -> Answer:
    """The answer of a stream that has ended. `logging_obj` lets LiteLLM put its own price on it."""
    response: Any = litellm.stream_chunk_builder(list(chunks), logging_obj=logging_obj)
    response.model = response._hidden_params.get("provider_response_model") or response.model
    response.choices = _choices(chunks)
    usage = usage_of(response) if reports_usage(chunks) else None
    return Answer(response, choices_of(response), usage, cost_of(response, way) if usage else None)


def said_so_far(chunks: Sequence[Any]) -> Sequence[Choice]:
    """What an unfinished stream has said; empty when that is nothing."""
    response = litellm.ModelResponse(choices=_choices(chunks)) if chunks else None
    choices = choices_of(response) if response else []
    return choices if any(set(choice.message) - {"role"} for choice in choices) else []


def usage_so_far(chunks: Sequence[Any]) -> Any:
    """What an unfinished stream has reported: at least that was used. None when it is nothing."""
    if not reports_usage(chunks):
        return None
    return usage_of(litellm.stream_chunk_builder(list(chunks)))


def reports_usage(chunks: Sequence[Any]) -> bool:
    """Whether the provider did: LiteLLM fills in what its own tokenizer counts."""
    return any(getattr(chunk, "usage", None) is not None for chunk in chunks)


def _choices(chunks: Sequence[Any]) -> list[Any]:
    """With `n`, chunks of several answers come mixed, which LiteLLM would join into one."""
    indices = sorted({choice.index for chunk in chunks for choice in chunk.choices}) or [0]
    return [_choice(chunks, index) for index in indices]


def _choice(chunks: Sequence[Any], index: int) -> Any:
    own = [
        chunk.model_copy(update={"choices": [choice]})
        for chunk in chunks
        for choice in chunk.choices
        if choice.index == index
    ]
    built: Any = litellm.stream_chunk_builder(own)
    choice = built.choices[0]
    choice.index = index
    return choice
