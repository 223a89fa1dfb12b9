"""What code can call in the REPL of one node: questions to models, and looks into the text.

Each is given plain values that a model's code made up, so each checks what it is given. What goes wrong with a model
call comes back as a text that says so: code that asks fifty pieces is not to lose forty-nine answers for one.
"""

import asyncio
import json
from collections.abc import Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from composite_llm import telemetry
from composite_llm.encodable import encodable
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.own_thread import on_own_thread
from composite_llm.errors import CallFailed
from composite_llm.recursion import looking
from composite_llm.recursion.arguments import text, texts, whole
from composite_llm.recursion.splitting import Task, task_about
from composite_llm.recursion.tree import FAILED
from composite_llm.recursion.windows import is_too_long, readable
from composite_llm.sandbox import HostFunction, ToldToCode
from composite_llm.telemetry import recursion as spans

if TYPE_CHECKING:
    from composite_llm.recursion.node import Node


class Names:
    """The functions of one node's REPL."""

    def __init__(self, node: "Node") -> None:
        self._node = node

    def functions(self) -> dict[str, HostFunction]:
        """By name, as code calls them."""
        return {
            "llm_query": self.llm_query,
            "llm_query_batched": self.llm_query_batched,
            "rlm_query": self.rlm_query,
            "rlm_query_batched": self.rlm_query_batched,
            "peek": self.peek,
            "read_lines": self.read_lines,
            "grep": self.grep,
            "chunks": self.chunks,
            "SHOW_VARS": self.show_vars,
            "SUBMIT": self.submit,
        }

    async def llm_query(self, prompt: str) -> str:
        return await self._leaf(text("llm_query", prompt))

    async def llm_query_batched(self, prompts: list[str]) -> list[str]:
        asked = texts("llm_query_batched", prompts)
        return await _together([self._leaf(prompt) for prompt in asked])

    async def rlm_query(self, question: str, context: str | None = None) -> str:
        return await self._deeper("rlm_query", question, context)

    async def rlm_query_batched(self, questions: list[str], contexts: list[str] | None = None) -> list[str]:
        asked = texts("rlm_query_batched", questions)
        given: Sequence[str | None] = (
            [None] * len(asked) if contexts is None else texts("rlm_query_batched", contexts)
        )
        if len(given) != len(asked):
            raise ToldToCode(f"rlm_query_batched: {len(asked)} questions and {len(given)} contexts")
        pairs = zip(asked, given, strict=True)
        return await _together([self._deeper("rlm_query_batched", *pair) for pair in pairs])

    async def peek(self, start: int = 0, length: int = 2000) -> str:
        start, length = whole("peek", start), whole("peek", length)
        return self._context[start:][: max(0, length)]

    async def chunks(self, size: int, overlap: int = 0) -> list[str]:
        try:
            return looking.chunks(self._context, whole("chunks", size), whole("chunks", overlap))
        except ValueError as error:
            raise ToldToCode(str(error)) from None

    async def read_lines(self, first: int, last: int | None = None) -> str:
        first = whole("read_lines", first)
        last = first if last is None else whole("read_lines", last)
        arguments = json.dumps({"first": first, "last": last})
        span = spans.read_lines_span(self._node.run.identity, self._node.at.stage.span, arguments)
        result = looking.read_lines(self._context, first, last)
        spans.write_read_lines(span, first=first, last=last, result=result)
        span.end()
        return result

    async def grep(self, pattern: str, most: int = 50, ignore_case: bool = False) -> list[str]:
        pattern, most = text("grep", pattern), max(0, whole("grep", most))
        arguments = json.dumps({"pattern": pattern, "most": most, "ignore_case": bool(ignore_case)})
        span = spans.grep_span(self._node.run.identity, self._node.at.stage.span, arguments)
        try:
            found = await on_own_thread(lambda: looking.grep(self._context, pattern, most, bool(ignore_case)))
        except looking.BadSearch as error:
            telemetry.warn(span, str(error))
            raise ToldToCode(str(error)) from None
        else:
            result = "\n".join(found.lines)
            spans.write_grep(span, matches=found.matches, returned=len(found.lines), result=result)
            return found.lines
        finally:
            span.end()

    async def show_vars(self) -> list[str]:
        """As they were before this cell."""
        return list(self._node.variables)

    async def submit(self, *reply: Any, **fields: Any) -> None:
        if len(reply) > 1 or (reply and fields) or not (reply or fields):
            raise ToldToCode("SUBMIT takes your whole reply: SUBMIT(reply), or its fields by name")
        self._node.submitted = reply[0] if reply else fields

    @property
    def _context(self) -> str:
        return self._node.task.context

    async def _deeper(self, name: str, question: str, context: str | None) -> str:
        """A node of its own below this one; a plain call where nodes may not stand deeper."""
        node = self._node
        asked = text(name, question)
        if context is not None:
            context = text(name, context)
        if node.depth + 1 > node.tree.settings.max_depth:
            node.depth_limited += 1
            return await self._leaf(asked if context is None else f"{asked}\n\n{context}")
        node.sub_calls += 1
        if node.tree.calls_left <= 0:
            return self._failed(_NONE_LEFT)
        task = task_about(asked) if context is None else Task(encodable(asked), encodable(context))
        async with node.tree.children(node.depth + 1):
            answer = await node.ask_child(task)
        return self._failed("it came to no answer") if answer is None else answer

    async def _leaf(self, prompt: str) -> str:
        """What the sub-model says to `prompt` alone."""
        prompt = encodable(prompt)
        node, tree, at = self._node, self._node.tree, self._node.at
        index = node.sub_calls - node.sub_calls_before
        node.sub_calls += 1
        if await is_too_long(tree.sub_model, prompt):
            most = readable(tree.sub_model)
            return self._failed(
                f"a prompt may have {most} tokens, and this one has more: split the text in it"
            )
        if not tree.take_call():
            return self._failed(_NONE_LEFT)
        asked = [{"role": "user", "content": prompt}]
        async with tree.leaves:
            outcome = await at.ask(Call(tree.sub_model, asked, "rlm_leaf", index))
        if isinstance(outcome, Reply):
            await tree.saw(prompt)
            return outcome.text
        return self._failed(_why(outcome))

    def _failed(self, why: str) -> str:
        self._node.sub_call_errors += 1
        return f"{FAILED} {why}"


_NONE_LEFT = "no sub-calls are left: go on with what you have"


def _why(failed: CallFailed) -> str:
    """In our own words: a provider's may hold what is none of a model's business."""
    match failed.outcome:
        case "budget":
            return "there is no room for it in the budget: go on with what you have"
        case "timeout":
            return "it took too long"
        case "empty":
            return "there was no answer"
        case _:
            return f"the model could not be asked ({type(failed.cause).__name__})"


async def _together(answers: Sequence[Coroutine[Any, Any, str]]) -> list[str]:
    """Side by side, in their order. What one raises ends the others and is raised."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(answer) for answer in answers]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from None
    return [task.result() for task in tasks]
