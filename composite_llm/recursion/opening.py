"""What a node's model reads first: what it is to do, what its REPL holds, its limits, the question."""

import json

from composite_llm.content import Message
from composite_llm.engine.message_rules import in_language
from composite_llm.recursion.answering import wanted
from composite_llm.recursion.node import Node
from composite_llm.recursion.prompts import NO_SUBCALLS, RULES, SUBCALLS, hint_for
from composite_llm.recursion.repl_rules import rules_of
from composite_llm.recursion.tree import FAILED
from composite_llm.recursion.windows import capacity_chars, window_of
from composite_llm.request.prompts import fill

_NAMES = """\
In the REPL:
- `context`: the text, a str.
- `peek(start=0, length=2000)`, `read_lines(first, last)` (from 1), `chunks(size, overlap=0)` (a list of str): pieces \
of it.
- `grep(pattern, most=50, ignore_case=False)`: its lines that match, each as "number: line".
"""
_ASKING = """\
- `llm_query(prompt)`: what a sub-model says to `prompt`; `llm_query_batched(prompts)`: the same for a list, all at \
once, a list in the same order.
"""
_RECURSING = """\
- `rlm_query(question, context)`: for a long text that needs steps of its own: a model with a REPL like yours explores \
it and gives its answer; `rlm_query_batched(questions, contexts)`: several at once.
"""
_REST = """\
- `SHOW_VARS()`: names you have bound. `answer = {"content": "", "ready": False}`: for the end."""


_ALWAYS = ("context", "answer", "history")
_MOST_NAMES = 100


def opening(node: Node) -> list[Message]:
    """The system message and the first turn."""
    asking = node.tree.calls_left > 0
    names = _NAMES + (_ASKING if asking else "") + (_RECURSING if asking and node.recursing else "") + _REST
    told = node.run.told(node.tree.interface.prompt, names=names, rules=_rules(node, asking=asking))
    system = "\n\n".join(part for part in (node.task.instructions and _client(node), told) if part)
    messages: list[Message] = [
        {"role": "system", "content": system},
        {"role": "user", "content": f"{_task(node)}\n\n{going_on(node, 1)}"},
    ]
    language = node.run.options.language
    return in_language(messages, language) if language and node.is_root else messages


def going_on(node: Node, turn: int) -> str:
    """The last words before the model's turn."""
    most = node.tree.settings.max_iterations
    said = f"Turn {turn}/{most}."
    if turn == 1:
        said += " You have seen nothing of the text yet: look at it first, and do not answer yet."
    elif turn == most:
        said += " It is the last one: finish now, with what you have."
    return said


def told_next(node: Node, wrong: str) -> str:
    """What stands below the results of a turn."""
    own = [name for name in node.variables if name not in _ALWAYS]
    variables = f"Your variables: {', '.join(own[:_MOST_NAMES])}" if own else ""
    next_turn = going_on(node, node.turn + 1) if node.turn < node.tree.settings.max_iterations else ""
    return "\n\n".join(part for part in (wrong, variables, next_turn) if part)


def _client(node: Node) -> str:
    return f"What the user's application asks of every reply:\n{node.task.instructions}"


def _task(node: Node) -> str:
    text = node.task.context
    lines = text.count("\n") + 1
    told = [
        f"Question:\n{node.task.question}",
        f"`context` has {len(text):,} characters in {lines:,} lines, about {node.context_tokens:,} tokens.",
    ]
    if schema := wanted(node):
        told.append(
            f"Your reply must be JSON that fits this schema: {json.dumps(schema, ensure_ascii=False)}"
        )
    return "\n\n".join(told)


def _rules(node: Node, *, asking: bool) -> str:
    settings, sub_model = node.tree.settings, node.tree.sub_model
    capacity = f"{capacity_chars(sub_model):,}"
    if window_of(sub_model) is None:
        capacity += " (a guess: nobody knows this model's window)"
    values = {"calls": f"{node.tree.calls_left:,}", "capacity": capacity, "failed": FAILED}
    subcalls = fill(SUBCALLS, values) if asking else NO_SUBCALLS
    rules = {
        "subcalls": subcalls,
        "output": f"{settings.output_chars:,}",
        "turns": str(settings.max_iterations),
        "sandbox": rules_of(node.session.backend),
    }
    return "\n".join(part for part in (fill(RULES, rules), hint_for(node.model)) if part)
