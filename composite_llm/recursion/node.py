"""One model with one text in its REPL: the root of a recursive run, or a node below it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from composite_llm import telemetry
from composite_llm.accounting.ledger import Ledger
from composite_llm.content import Message
from composite_llm.engine.calls import Reply
from composite_llm.engine.place import Place
from composite_llm.engine.run import Run, Stage
from composite_llm.engine.single import SingleCalls
from composite_llm.errors import BadRequest, BudgetExceeded
from composite_llm.recursion.ended import Ended
from composite_llm.recursion.names import Names
from composite_llm.recursion.splitting import Task
from composite_llm.recursion.tree import Tree
from composite_llm.recursion.windows import tokens_in
from composite_llm.sandbox import HostFunction, Limits, SandboxUnavailable, Session
from composite_llm.telemetry import Span
from composite_llm.telemetry import recursion as spans


@dataclass(slots=True)
class Node:
    tree: Tree
    task: Task
    model: str
    depth: int
    id: str
    """`0` for the root, `0.2` for its third child."""
    span: Span
    ledger: Ledger
    context_tokens: int
    """Of a long text an estimate."""
    messages: list[Message] = field(default_factory=list[Message])
    """What its model has read so far."""
    history: list[Message] = field(default_factory=list[Message])
    """All that was said, also what was put together to make room."""
    at: SingleCalls = field(init=False)
    """The calls of what runs now: a cell, or a turn."""
    session: Session = field(init=False)
    functions: dict[str, HostFunction] = field(init=False)
    turn: int = 0
    reply: Reply | None = None
    """The last one of its model."""
    variables: tuple[str, ...] = ()
    submitted: Any = None
    sub_calls: int = 0
    sub_calls_before: int = 0
    """The cell that runs now."""
    sub_call_errors: int = 0
    depth_limited: int = 0
    compactions: int = 0
    children: int = 0
    best: str = ""
    """The nearest to an answer so far, should there come none."""
    ended: Ended | None = None

    @property
    def run(self) -> Run:
        return self.tree.run

    @property
    def is_root(self) -> bool:
        return self.depth == 0

    @property
    def name(self) -> str:
        """As its stages are called: `rlm` for the root, `rlm[2]` for its third child."""
        return f"rlm{''.join(f'[{part}]' for part in self.id.split('.')[1:])}"

    @property
    def role(self) -> str:
        """Of its model's calls."""
        return "rlm_root" if self.is_root else "rlm_node"

    @property
    def recursing(self) -> bool:
        """Whether there may be nodes below it."""
        return self.depth < self.tree.settings.max_depth

    def parameters(self, *, may_act: bool = True) -> Mapping[str, Any]:
        """Of the calls to its model."""
        return self.tree.interface.parameters(recursing=self.recursing, may_act=may_act)

    def begins_cell(self, stage: Stage) -> None:
        """From now on calls are made in `stage`."""
        self.at, self.sub_calls_before = SingleCalls(stage), self.sub_calls

    def hear(self, messages: Sequence[Message]) -> None:
        """The next turn, and what came of it."""
        self.messages, self.history = [*self.messages, *messages], [*self.history, *messages]

    async def ask_child(self, task: Task) -> str | None:
        """The answer of a node below this one; None where it came to none."""
        number, self.children = self.children, self.children + 1
        async with opened(self.tree, task, self.at.stage, above=self, number=number) as child:
            return await self.tree.below(child)


@asynccontextmanager
async def opened(
    tree: Tree, task: Task, place: Place, *, above: Node | None = None, number: int = 0
) -> AsyncGenerator[Node]:
    """A node with its REPL, and its span. Raises BadRequest where there is no such sandbox here."""
    run, settings = tree.run, tree.settings
    depth = above.depth + 1 if above else 0
    node_id = f"{above.id}.{number}" if above else "0"
    tree.deepest = max(tree.deepest, depth)
    tokens = await tokens_in(task.context)
    start = spans.NodeStart(
        depth=depth,
        max_depth=settings.max_depth,
        node_id=node_id,
        parent_node_id=above.id if above else None,
        child_index=number,
        context=task.context,
        context_tokens=tokens,
        place=tree.coverage.hull(task.context),
        query_chars=len(task.question),
        calls_left=tree.calls_left,
        usd_left=run.budget.usd_left,
        seconds_left=run.seconds_left(),
    )
    span = spans.node_span(run.identity, place.span, start)
    node = Node(tree, task, run.model, depth, node_id, span, Ledger(parent=place.ledger), tokens)
    node.functions = Names(node).functions()
    limits = Limits(
        cell_s=settings.cell_timeout_s,
        memory_mb=settings.memory_mb,
        output_chars=settings.output_chars,
    )
    try:
        async with await _sandboxed(node, limits) as node.session:
            await node.session.set_var("context", task.context)
            await node.session.set_var("answer", {"content": "", "ready": False})
            yield node
    except asyncio.CancelledError:
        node.ended = node.ended or Ended(None, "cancelled" if run.seconds_left() > 0 else "timeout")
        raise
    except Exception as error:
        node.ended = node.ended or Ended(None, "budget" if isinstance(error, BudgetExceeded) else "error")
        telemetry.fail(span, error)
        raise
    finally:
        _close(node)


async def _sandboxed(node: Node, limits: Limits) -> Session:
    try:
        return await node.tree.sandbox.open(limits, node.functions)
    except SandboxUnavailable as unavailable:
        raise BadRequest(str(unavailable)) from unavailable


def _close(node: Node) -> None:
    tree = node.tree
    assert node.ended
    end = spans.NodeEnd(
        iterations=node.turn,
        termination=node.ended.how,
        sub_calls=node.sub_calls,
        sub_call_errors=node.sub_call_errors,
        depth_limited=node.depth_limited,
        compactions=node.compactions,
        coverage=(tree.coverage.share, tree.coverage.shown()) if node.is_root else None,
        deepest=tree.deepest if node.is_root else None,
    )
    spans.write_node_end(node.span, end)
    telemetry.write_rollup(node.span, node.ledger)
    if node.is_root:
        spans.write_deepest(node.run.span, tree.deepest)
    node.span.end()
