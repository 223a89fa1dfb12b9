"""What a stream has said so far, as the answer it would have been in one piece."""

from collections.abc import Sequence
from typing import Any

import litellm

from composite_llm.accounting.ledger import Usage
from composite_llm.accounting.prices import cost_of
from composite_llm.engine.transport import Answer, Choice, choices_of, usage_of
from composite_llm.request.route import Route
from composite_llm.streaming.runs import joined


def assembled(chunks: Sequence[Any], way: Route, logging_obj: Any) -> Answer:
    """The answer of a stream that has ended. `logging_obj` lets LiteLLM put its own price on it."""
    reporting = _with_usage(chunks)
    response = _built([*joined(chunks, 0), *reporting] or chunks, logging_obj)
    response.model = response._hidden_params.get("provider_response_model") or response.model
    response.choices += _other_choices(chunks)
    usage = usage_of(response) if reporting else None
    return Answer(response, choices_of(response), usage, cost_of(response, way, usage) if usage else None)


def said_so_far(chunks: Sequence[Any]) -> Sequence[Choice]:
    """What an unfinished stream has said; empty when that is nothing."""
    if not chunks:
        return []
    choices = [*_built(joined(chunks, 0) or chunks).choices, *_other_choices(chunks)]
    said = [Choice(choice.message.model_dump(exclude_none=True), "") for choice in choices]
    return (
        said
        if any(value for choice in said for key, value in choice.message.items() if key != "role")
        else []
    )


def usage_so_far(chunks: Sequence[Any]) -> Usage | None:
    """What an unfinished stream has reported: at least that was used. None when it is nothing."""
    return usage_of(_built(_with_usage(chunks))) if reports_usage(chunks) else None


def reports_usage(chunks: Sequence[Any]) -> bool:
    """Whether the provider did: LiteLLM fills in what its own tokenizer counts."""
    return bool(_with_usage(chunks))


def _with_usage(chunks: Sequence[Any]) -> list[Any]:
    reporting = [chunk for chunk in chunks if getattr(chunk, "usage", None) is not None]
    return [chunk.model_copy(update={"choices": []}) for chunk in reporting]


def _other_choices(chunks: Sequence[Any]) -> list[Any]:
    """With `n`, chunks of several answers come mixed, which LiteLLM would join into one."""
    others: list[Any] = []
    for index in sorted({choice.index for chunk in chunks for choice in chunk.choices} - {0}):
        [choice] = _built(joined(chunks, index)).choices
        choice.index = index
        others.append(choice)
    return others


def _built(chunks: Sequence[Any], logging_obj: Any = None) -> Any:
    return litellm.stream_chunk_builder(list(chunks), logging_obj=logging_obj)
