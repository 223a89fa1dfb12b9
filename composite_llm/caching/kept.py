"""An answer as text that can be kept, and the answer again."""

from typing import Any

import litellm
import orjson

from composite_llm import telemetry
from composite_llm.accounting.ledger import Cost
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.transport import Answer, choices_of

FREE = Cost(0.0, 0.0, 0.0)
"""What an answer costs that was paid for before."""


def packed(reply: Reply) -> dict[str, Any]:
    """What JSON can hold of an answer; its usage and cost stay with the call that earned them."""
    response = reply.answer.response.model_dump(mode="json", exclude={"usage"})
    return {
        "model": reply.call.model,
        "role": reply.call.role,
        "response": response,
        "span": telemetry.reference(reply.span_context),
    }


def unpacked(kept: dict[str, Any], call: Call) -> Reply:
    """The answer to `call`, which asked the same; its span is the one that earned it."""
    response: Any = litellm.ModelResponse(**kept["response"])
    answer = Answer(response, choices_of(response), None, FREE)
    return Reply(call, answer, telemetry.referenced(kept["span"]))


def as_text(kept: Any) -> str | None:
    """None for what JSON cannot hold."""
    try:
        return orjson.dumps(kept).decode()
    except TypeError:
        return None


def from_text(text: str) -> Any:
    return orjson.loads(text)
