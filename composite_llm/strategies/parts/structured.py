"""Answers that must be JSON of a given shape: asked for by schema, read, and asked for once more when they are not.

A shape is a pydantic model. What a model says beyond it is left out; what it lacks is told to it, once.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from composite_llm.engine.run import Call, Reply, Stage

_OBJECT = re.compile(r"\{.*\}", re.DOTALL)


class Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, json_schema_extra={"additionalProperties": False})


S = TypeVar("S", bound=Shape)


async def each_in_shape(stage: Stage, calls: Sequence[Call], shape: type[S]) -> list[S | None]:
    """What each call's model says, in the order of `calls`, which ask side by side.

    None where no usable answer came, and where it was not of this shape the second time either. At most
    two calls for each of `calls`.
    """
    format_ = response_format(shape)
    asked = [
        replace(call, index=place, parameters={**format_, **call.parameters})
        for place, call in enumerate(calls)
    ]
    replies = await stage.together(asked, at_least=0)
    found = {reply.index: read(reply.text, shape) for reply in replies}
    unread = [reply for reply in replies if found[reply.index] is None]
    if unread:
        mended = await stage.together(
            [_once_more(asked[reply.index], reply, shape) for reply in unread], at_least=0
        )
        found |= {reply.index: read(reply.text, shape) for reply in mended}
    return [found.get(place) for place in range(len(calls))]


async def in_shape(stage: Stage, call: Call, shape: type[S]) -> S | None:
    [found] = await each_in_shape(stage, [call], shape)
    return found


def response_format(shape: type[Shape]) -> dict[str, Any]:
    """As LiteLLM takes it."""
    described = {"name": shape.__name__.lower(), "schema": shape.model_json_schema()}
    return {"response_format": {"type": "json_schema", "json_schema": described}}


def read(text: str, shape: type[S]) -> S | None:
    """The JSON object in `text`, whatever stands around it."""
    try:
        return shape.model_validate(_object_in(text))
    except ValidationError:
        return None


def _once_more(call: Call, reply: Reply, shape: type[Shape]) -> Call:
    """The same question, with what came of it and what is wrong with that."""
    said = {"role": "assistant", "content": reply.text}
    told = (
        f"That cannot be read: {_complaint(reply.text, shape)} "
        f"Reply with one JSON object of this schema and nothing else:\n{json.dumps(shape.model_json_schema())}"
    )
    return replace(call, messages=[*call.messages, said, {"role": "user", "content": told}])


def _complaint(text: str, shape: type[Shape]) -> str:
    found = _object_in(text)
    if found is None:
        return "there is no JSON object in it."
    try:
        shape.model_validate(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}."
    return "it is incomplete."


def _object_in(text: str) -> Any:
    """None where there is none."""
    match = _OBJECT.search(text)
    try:
        return json.loads(match[0]) if match else None
    except (ValueError, RecursionError):
        return None
