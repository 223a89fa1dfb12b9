"""Searching one subtask of HALO: a tree of answers, each of a role, each judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from composite_llm import conventions as c
from composite_llm.content import Message
from composite_llm.engine.run import Call, Reply, Run, Stage
from composite_llm.strategies.parts.choosing import lettered
from composite_llm.strategies.parts.conversation import numbered
from composite_llm.strategies.parts.halo_setup import CONTINUE, JUDGE, SOLVE, Judgement, Parameters, Role
from composite_llm.strategies.parts.search_tree import Node, best, to_expand
from composite_llm.strategies.parts.structured import each_in_shape

ASKED_TWICE = 2
"""What must be JSON may be asked for once more."""


@dataclass(slots=True)
class Work:
    run: Run
    parameters: Parameters
    task: str = ""
    """The question in full, where it was refined."""
    results: list[Reply] = field(default_factory=list[Reply])
    """The best answer of each subtask so far."""
    made: int = 0

    @property
    def left(self) -> int:
        """Calls that may still be made, the last one not counted."""
        return self.parameters.most_calls - self.made - 1

    @property
    def planner(self) -> str:
        return self.parameters.planner or self.run.model

    @property
    def found(self) -> str:
        return numbered([result.text for result in self.results]) if self.results else "(nothing yet)"


async def search(work: Work, number: int, subtask: str, roles: Sequence[Role]) -> None:
    """Its best answer is one result more."""
    root = Node()
    for simulation in range(1, work.parameters.simulations + 1):
        node = to_expand(root, work.parameters.max_depth)
        affordable = work.left // (1 + ASKED_TWICE)
        if node is None or not affordable or any(each.verdict == "success" for each in root.below):
            break
        async with work.run.stage("deliberate", f"halo.search{number}.{simulation}") as stage:
            await expand(work, stage, root, node, subtask, roles[:affordable])
            work.made += stage.asked
            note(stage, number, simulation, root)
    if (found := best(root)) and found.reply:
        work.results.append(found.reply)


async def expand(
    work: Work, stage: Stage, root: Node, node: Node, subtask: str, roles: Sequence[Role]
) -> None:
    run, solver = work.run, work.parameters.solver or work.run.model
    reads = [*work.results, *(each.reply for each in node.path if each.reply)]
    answers = await stage.together(
        [
            Call(solver, asked_of(work, role, node, subtask), "solver", index, reads=reads)
            for index, role in enumerate(roles)
        ],
        at_least=0,
    )
    judged = await each_in_shape(
        stage,
        [
            Call(work.planner, [{"role": "user", "content": told}], "judge", reads=[answer])
            for answer in answers
            for told in [run.told(JUDGE, subtask=subtask, answer=lettered([answer.text]))]
        ],
        Judgement,
    )
    for answer, judgement in zip(answers, judged, strict=True):
        verdict, score = (judgement.verdict, judgement.score) if judgement else ("continue", 0.0)
        number = sum(1 for _ in root.below) + 1
        node.add(Node(answer, roles[answer.index].name, verdict, score, number=number))


def asked_of(work: Work, role: Role, node: Node, subtask: str) -> list[Message]:
    """The subtask, and the answers it goes on from as the role's own."""
    run = work.run
    messages: list[Message] = [{"role": "system", "content": role.prompt}] if role.prompt else []
    messages.append({"role": "user", "content": run.told(SOLVE, subtask=subtask, results=work.found)})
    for each in node.path:
        messages.append({"role": "assistant", "content": each.reply.text if each.reply else ""})
        messages.append({"role": "user", "content": run.told(CONTINUE)})
    return messages


def note(stage: Stage, number: int, simulation: int, root: Node) -> None:
    """The whole tree so far, so that the last search of a subtask holds all of it."""
    chosen = best(root)
    stage.note(c.HALO_SUBTASK, number)
    stage.note(c.HALO_SIMULATION, simulation)
    stage.note(
        c.HALO_NODES,
        [
            {
                "node": node.number,
                "parent": node.parent.number if node.parent else 0,
                "role": node.role[:80],
                "verdict": node.verdict,
                "score": node.score,
                "visits": node.visits,
                "value": node.value,
            }
            for node in root.below
        ],
    )
    stage.note(c.HALO_CHOSEN, [node.number for node in chosen.path] if chosen else [])
