"""The request itself: its words as they come, its receipt, and a way out at any moment."""

import asyncio
import threading
from typing import Any

from openai import OpenAIError

import composite_llm
from composite_llm import telemetry
from composite_llm.engine.failures import missing_keys
from composite_llm.engine.nesting import plain_models
from composite_llm.errors import CompositeError
from composite_llm.one_request.asked import Asked
from composite_llm.one_request.telling import Listener, tell
from composite_llm.redaction import without_secrets
from composite_llm.request.reading import read_request
from composite_llm.request.route import COMPOSITE_PREFIX

SIMULATED = "sim/"
SECONDS_TO_BOOK = 20.0
"""What a cancelled request may take to book its calls."""
BEAT = 0.3
"""Seconds between two looks for spans to hand over, so that somebody who watches sees them."""


def keys_missing(asked: Asked) -> dict[str, list[str]]:
    """Variables that are not set, by the models that need them. Raises BadRequest for what cannot run."""
    if asked.simulate:
        return {}
    request = read_request(asked.model.removeprefix(COMPOSITE_PREFIX), asked.parameters)
    models = set(plain_models(request, 0, request.options.max_composite_depth))
    real = sorted(model for model in models if not model.startswith(SIMULATED))
    return {model: keys for model in real if (keys := missing_keys(model))}


def run(asked: Asked, cancelled: threading.Event, listener: Listener) -> None:
    """Tells how it ended: `answered`, `failed`, `cancelled` or `keys_missing`."""
    try:
        if missing := keys_missing(asked):
            tell("ended", state="keys_missing", missing=missing)
            return
        if cancelled.is_set():
            tell("ended", state="cancelled")
            return
        asyncio.run(_until_cancelled(asked, cancelled, listener))
    except (OpenAIError, CompositeError) as error:
        _wait_for_books(listener)
        problem = getattr(error, "original_exception", None) or error  # of a stream that broke
        said = str(problem).removeprefix(f"litellm.{type(problem).__name__}: ")
        tell("ended", state="failed", message=without_secrets(said))
    finally:
        telemetry.flush()


async def _until_cancelled(asked: Asked, cancelled: threading.Event, listener: Listener) -> None:
    answering = asyncio.create_task(_answered(asked))
    handing_over = asyncio.create_task(_hand_over(listener))
    watching = asyncio.create_task(asyncio.to_thread(cancelled.wait))
    try:
        await asyncio.wait({answering, watching}, return_when=asyncio.FIRST_COMPLETED)
        if answering.done():
            answering.result()
            return
        answering.cancel()
        await asyncio.wait({answering})
        await asyncio.to_thread(_wait_for_books, listener)
        tell("ended", state="cancelled")
    finally:
        cancelled.set()
        handing_over.cancel()


async def _answered(asked: Asked) -> None:
    timeout = {} if asked.timeout_s is None else {"timeout": asked.timeout_s}
    given = {**asked.parameters, **timeout, "stream": True, "progress": "reasoning"}
    stream: Any = await composite_llm.acompletion(asked.model, asked.messages, **given)
    chunk: Any = None
    async for chunk in stream:
        for choice in chunk.choices[:1]:
            if progress := getattr(choice.delta, "reasoning_content", None):
                tell("progress", text=progress)
            if choice.delta.content:
                tell("words", text=choice.delta.content)
    tell("ended", state="answered", receipt=composite_llm.receipt(chunk).as_dict())


async def _hand_over(listener: Listener) -> None:
    """The exporter gathers for seconds; a page that watches wants each call when it has ended."""
    while True:
        await asyncio.sleep(BEAT)
        if listener.calls_ended.is_set():
            listener.calls_ended.clear()
            await asyncio.to_thread(telemetry.flush)


def _wait_for_books(listener: Listener) -> None:
    if listener.began:
        listener.ended.wait(SECONDS_TO_BOOK)
