"""Making room in a model's notes: what it has read and said is put together, by itself, when its window fills up.

The system message and the question stay, and so does everything that was said, as the REPL's variable `history`.
"""

import json

from composite_llm.content import Message
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.run import Stage
from composite_llm.engine.single import SingleCalls
from composite_llm.recursion.node import Node
from composite_llm.recursion.prompts import SUMMARY
from composite_llm.recursion.windows import is_longer_than, readable

GO_ON = "Your earlier notes were put away; all of them are in the REPL's list `history`. Go on, and do not begin anew."
_DROPPED = "(What was done in the turns before is in the REPL's list `history`.)"


async def make_room(node: Node, stage: Stage) -> None:
    """Where the notes fill more than `compaction_threshold` of the window, put them together."""
    settings = node.tree.settings
    if not settings.compaction or len(node.messages) <= 4:
        return
    text = json.dumps(node.messages, ensure_ascii=False, default=str)
    if not await is_longer_than(text, int(readable(node.model) * settings.compaction_threshold)):
        return
    node.compactions += 1
    summary = await _summary(node, stage)
    await node.session.set_var("history", [_plain(message) for message in node.history])
    *_, last = node.messages
    going_on = str(last.get("content") or "")
    node.messages = [
        *node.messages[:2],
        {"role": "assistant", "content": summary},
        {"role": "user", "content": f"{GO_ON}\n\n{going_on}"},
    ]


async def _summary(node: Node, stage: Stage) -> str:
    """By the model itself, for one of the calls that are left; without one the notes are just dropped."""
    if not node.tree.take_call():
        return _DROPPED
    told = node.run.told(SUMMARY)
    *before, last = node.messages
    if last.get("role") == "user":
        asked = [*before, {**last, "content": f"{last.get('content')}\n\n{told}"}]
    else:
        asked = [*node.messages, {"role": "user", "content": told}]
    call = Call(node.model, asked, "rlm_summary", parameters=node.parameters(may_act=False))
    outcome = await SingleCalls(stage).ask(call)
    return outcome.text if isinstance(outcome, Reply) else _DROPPED


def _plain(message: Message) -> dict[str, str]:
    calls = json.dumps(message["tool_calls"], default=str) if message.get("tool_calls") else ""
    return {"role": str(message.get("role")), "content": f"{message.get('content') or ''}{calls}"}
