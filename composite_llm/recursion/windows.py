"""How much a model can read, and how long a text is in its tokens."""

import litellm
from litellm.exceptions import ModelNotMappedError

from composite_llm.engine.own_thread import on_own_thread
from composite_llm.errors import BadRequest
from composite_llm.request.route import named

UNKNOWN_WINDOW = 32_000
"""Tokens that are taken for granted where LiteLLM's table does not know the model."""

COUNTED_WHOLE = 200_000
"""Characters. Of a longer text its beginning, middle and end are counted, which takes a tenth of a second."""

_ROOM_FOR_ANSWER = 0.05
"""Share of a window that is left free: most providers count the answer as well."""


def window_of(model: str) -> int | None:
    """Tokens this model can read in one prompt, by LiteLLM's table; None where nobody knows."""
    try:
        way = named(model)
        return litellm.get_model_info(way.known_as, way.provider).get("max_input_tokens")
    except (ModelNotMappedError, litellm.BadRequestError, BadRequest):
        return None


def readable(model: str) -> int:
    """Tokens of a prompt that fits, or is taken to."""
    return int((window_of(model) or UNKNOWN_WINDOW) * (1 - _ROOM_FOR_ANSWER))


def capacity_chars(model: str) -> int:
    """Characters of a prompt that fits, with room to be wrong: prose has four to a token, code and tables three."""
    return readable(model) * 5 // 2


async def tokens_in(text: str) -> int:
    """By the tokenizer of OpenAI's models, which is close for others; of a long text estimated from parts of it."""
    third = COUNTED_WHOLE // 3
    if len(text) <= COUNTED_WHOLE:
        return await _counted(text)
    middle = len(text) // 2
    sample = text[:third] + text[middle : middle + third] + text[-third:]
    return round(await _counted(sample) / len(sample) * len(text))


async def is_too_long(model: str, text: str) -> bool:
    """Whether this model would refuse `text`; of a model nobody knows only its provider can tell."""
    return window_of(model) is not None and await is_longer_than(text, readable(model))


async def is_longer_than(text: str, tokens: int) -> bool:
    """Exact where it is close: no token has less than one byte."""
    if len(text) <= tokens and len(text.encode()) <= tokens:
        return False
    return await tokens_in(text) > tokens


async def _counted(text: str) -> int:
    # Not by the model's own: LiteLLM fetches those of some families from the web, and waits for that.
    return await on_own_thread(lambda: litellm.token_counter(model="gpt-4o", text=text))
