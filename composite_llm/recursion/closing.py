"""The reply of a recursive run: what its root came to, or what its model says when it may not go on."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from composite_llm.content import Message
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.run import Run, Stage
from composite_llm.engine.single import SingleCalls
from composite_llm.errors import AllCallsFailed, BudgetExceeded, CallFailed
from composite_llm.recursion.ended import Ended
from composite_llm.recursion.node import Node
from composite_llm.recursion.prompts import CLOSING, WITH_FINDINGS
from composite_llm.recursion.splitting import Task

_FINDINGS = "rlm.findings"
_WHY = {
    "iterations": "the turns are used up",
    "budget": "the budget is used up",
    "timeout": "the time is nearly over",
    "calls": "no calls are left",
    "error": "the model could not be asked",
}


async def in_time(root: Node, explore: Callable[[Node], Awaitable[Ended]]) -> Ended:
    """What exploring comes to, with as much of the time kept for an answer as of the money."""
    run = root.run
    time = asyncio.timeout(run.seconds_left() * (1 - run.options.limits.reserve_for_final))
    try:
        async with time:
            return await explore(root)
    except TimeoutError:
        if not time.expired():
            raise
        return Ended(None, "timeout")


def replied(root: Node) -> Reply:
    """The answer that was put together in the REPL, as if the root model had said it."""
    assert root.ended
    assert root.reply
    return worded(root.reply, root.ended.text or "")


async def answer_now(root: Node) -> Reply:
    """One call of the root model, from what is kept for the final one; else the nearest it has come to an answer.

    Raises what kept it from being asked where there is nothing at all.
    """
    assert root.ended
    run, how, failed = root.run, root.ended.how, root.ended.failed
    if failed and root.reply is None and how != "budget":
        raise AllCallsFailed(f"{root.name}.turn1", [failed])
    run.stop_reason = how
    async with run.stage("synthesize", "rlm.answer", under=root) as stage:
        stage.degrade(f"it came to no answer of its own: {_WHY[how]}")
        told = run.told(CLOSING, why=_WHY[how], asked=root.task.question)
        call = Call(
            root.model, closed(root.messages, told), root.role, parameters=root.parameters(may_act=False)
        )
        try:
            return await _asked_once_more(stage, call, for_the_client=not root.tree.settings.final)
        except (CallFailed, BudgetExceeded) as error:
            partial = root.best or (root.reply.text.strip() if root.reply else "")
            if root.reply is None or not partial:
                raise
            stage.degrade(f"{error}; the nearest it had come to an answer was given out")
            return worded(root.reply, partial)


async def _asked_once_more(stage: Stage, call: Call, *, for_the_client: bool) -> Reply:
    """Where another call writes the reply, the client hears nothing of this one, and its parameters are not sent."""
    if for_the_client:
        return await stage.final(call)
    outcome = await SingleCalls(stage).ask(call)
    if isinstance(outcome, CallFailed):
        raise outcome
    return outcome


async def last_words(node: Node) -> str | None:
    """The same for a node below the root, where no client reads along; for one of the calls that are left."""
    assert node.ended
    if node.reply is None:
        return None
    async with node.run.stage("synthesize", f"{node.name}.answer", under=node) as stage:
        stage.degrade(f"it came to no answer of its own: {_WHY[node.ended.how]}")
        if node.tree.take_call():
            told = node.run.told(CLOSING, why=_WHY[node.ended.how], asked=node.task.question)
            parameters = node.parameters(may_act=False)
            call = Call(node.model, closed(node.messages, told), node.role, parameters=parameters)
            outcome = await SingleCalls(stage).ask(call)
            if isinstance(outcome, Reply):
                return outcome.text
    return node.best or None


def known(run: Run, task: Task) -> Reply | None:
    """What was found in an earlier request of a tool loop, which is not to be paid for with each result."""
    found = run.panel.replayed(_FINDINGS, [_asked(run, task)])
    return found[0] if found else None


async def final_call(run: Run, task: Task, findings: Reply) -> Reply:
    """The reply, written by a model that has the client's tools and reads what was found, not the context."""
    asked = _asked(run, task)
    run.panel.hear(_FINDINGS, [asked], [replace(findings, call=asked)])
    run.tell_of_panel()
    told = run.told(WITH_FINDINGS, findings=findings.text)
    messages: list[Message] = [{"role": "system", "content": task.instructions}] if task.instructions else []
    messages.append({"role": "user", "content": f"{task.question}\n\n{told}"})
    async with run.stage("synthesize", "rlm.final") as stage:
        return await stage.final(Call(run.model, messages, "writer", reads=[findings]))


def _asked(run: Run, task: Task) -> Call:
    """The same for requests that ask the same of the same text."""
    return Call(run.model, [{"role": "user", "content": f"{task.question}\n{task.context}"}], "rlm_root")


def closed(messages: list[Message], told: str) -> list[Message]:
    """With `told` at the end; two turns of the user are never left side by side."""
    last = messages[-1]
    if last.get("role") == "user":
        return [*messages[:-1], {**last, "content": f"{last.get('content')}\n\n{told}"}]
    return [*messages, {"role": "user", "content": told}]


def worded(reply: Reply, text: str) -> Reply:
    """The same reply with other words, which its model did not say but put together."""
    response = reply.answer.response.model_copy(deep=True)
    response.choices = response.choices[:1]
    response.choices[0].finish_reason = "stop"
    message = response.choices[0].message
    message.content, message.tool_calls = text, None
    choice = reply.answer.choices[0]
    said = {name: value for name, value in choice.message.items() if name != "tool_calls"} | {"content": text}
    choices = [replace(choice, message=said, finish_reason="stop")]
    return replace(reply, answer=replace(reply.answer, response=response, choices=choices))
