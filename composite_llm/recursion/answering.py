"""Whether a node has its answer, and what its model is told while it has not."""

from collections.abc import Mapping
from typing import Any

from composite_llm.recursion.ended import Ended, How
from composite_llm.recursion.finishing import Final
from composite_llm.recursion.node import Node
from composite_llm.recursion.performing import Done
from composite_llm.recursion.turns import Move
from composite_llm.recursion.typed import as_text, complaint, schema_of

NO_DICT = (
    '`answer` is no dict with "content" and "ready" any more. It is again: set its fields, do not replace it.'
)


class NotYet(str):
    """Why what a model gives as its answer is none, in words for it."""


async def finished(node: Node, move: Move, done: Done) -> Ended | NotYet | None:
    """None where the model does not say that it has its answer. A tag in its words counts for nothing where its code
    failed, which it did not know."""
    given = await _given(node, None if done.failed else move.final, move.said)
    if given is None or isinstance(given, NotYet):
        return given
    value, how = given
    text = as_text(value)
    if (wrong := complaint(text, wanted(node))) is None:
        return Ended(text, how)
    node.submitted = None
    await _hold(node, value)
    return NotYet(f"That cannot be your answer: {wrong}. Mend it, and finish again.")


def wanted(node: Node) -> Mapping[str, Any] | None:
    """The schema of what the client asked for, which only the root gives it."""
    return schema_of(node.run.client_parameters.get("response_format")) if node.is_root else None


async def _given(node: Node, final: Final | None, said: str | None) -> tuple[Any, How] | NotYet | None:
    if node.submitted is not None:
        return node.submitted, "submit"
    held = await _held(node)
    if isinstance(held, NotYet):
        return held
    if held.get("ready"):
        return held.get("content", ""), "answer"
    if final is None:
        return None if said is None else (said, "said")
    if not final.is_variable:
        return final.text, "final"
    try:
        return await node.session.get_var(final.text), "final_var"
    except KeyError:
        return NotYet(f"FINAL_VAR: there is no variable {final.text!r}.")


async def _held(node: Node) -> dict[str, Any] | NotYet:
    """The `answer` of the REPL; what it holds is the nearest to an answer, should none come."""
    try:
        held = await node.session.get_var("answer")
    except KeyError:
        held = None
    if not isinstance(held, dict):
        await _hold(node, "" if held is None else held)
        return NotYet(NO_DICT)
    node.best = as_text(held.get("content", "")).strip() or node.best
    return held


async def _hold(node: Node, content: Any) -> None:
    await node.session.set_var("answer", {"content": content, "ready": False})
