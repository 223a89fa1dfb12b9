"""A mode as nodes and edges: what a page draws, and `composite-llm modes show` prints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from composite_llm.graph import conditions
from composite_llm.graph.references import inputs, places
from composite_llm.graph.steps import BaseCall, Fanout, If, LoopUntil, Step
from composite_llm.graph.used_models import models_of
from composite_llm.planning.estimate import TYPICAL, whole_plan
from composite_llm.planning.formulas import plan_of
from composite_llm.planning.planned import Plan, Planned
from composite_llm.planning.told import Drawing, Edge, Node
from composite_llm.request.reading import Request
from composite_llm.strategies import graph

QUESTION = "question"
"""The node every drawing begins with: what the client sent."""

BRANCHES = ("then", "else")


def drawing_of(request: Request) -> Drawing:
    """Of any strategy: its steps where it is made of them, else its stages one after the other, and the ways it may
    go on after them."""
    if isinstance(request.parameters, graph.Parameters):
        return _of_steps(request.parameters, request.base_model)
    if (planned := plan_of(request.parameters, request.base_model, TYPICAL, 0)) and planned.ways:
        return _of_ways(planned)
    plan = whole_plan(request, TYPICAL)
    always, stages = (_by_stage(plan.least), _by_stage(plan.most)) if plan else ({}, {})
    nodes = [Node(QUESTION, QUESTION, QUESTION, name=QUESTION)]
    nodes += [
        replace(
            _stage(stage, models),
            final=stage == list(stages)[-1],
            optional=stage not in always,
        )
        for stage, models in stages.items()
    ]
    names = [QUESTION, *stages]
    return Drawing(nodes, [Edge(one, other) for one, other in pairwise(names)])


def _of_ways(plan: Plan) -> Drawing:
    """With the composites in it by their names."""
    before = [Node(QUESTION, QUESTION, QUESTION, name=QUESTION)]
    # Who chooses is asked a second time only where the first word cannot be read.
    before += [_stage(name, models[:1]) for name, models in _by_stage(plan.most).items()]
    ends = [_stage(way.most[0].stage, [call.model for call in way.most]) for way in plan.ways]
    after = [replace(end, optional=True, final=True) for end in ends]
    edges = [Edge(one.id, other.id) for one, other in pairwise(before)]
    return Drawing([*before, *after], [*edges, *(Edge(before[-1].id, end.id) for end in after)])


def _by_stage(calls: Sequence[Planned]) -> dict[str, list[str]]:
    stages: dict[str, list[str]] = {}
    for call in calls:
        stages.setdefault(call.stage, []).append(call.model)
    return stages


def _stage(name: str, models: Sequence[str]) -> Node:
    return Node(name, name, "stage", models, name=name.partition(".")[2] or name)


def _of_steps(parameters: graph.Parameters, base_model: str) -> Drawing:
    drawer = _Drawer(base_model, parameters.final)
    nodes = [Node(QUESTION, QUESTION, QUESTION, name=QUESTION), *drawer.nodes(parameters.steps, None)]
    edges = list(drawer.edges(parameters.steps, {}, None))
    certain = _always_run(parameters.final, edges)
    nodes = [replace(node, optional=node.id not in certain and node.kind != QUESTION) for node in nodes]
    fed = {edge.target for edge in edges}
    # A loop is fed through the steps inside it; every other node that reads nobody reads the question.
    first = [
        Edge(QUESTION, node.id)
        for node in nodes[1:]
        if node.id not in fed and node.kind not in {LoopUntil.kind, If.kind}
    ]
    return Drawing(nodes, [*first, *edges])


def _always_run(final: str, edges: Sequence[Edge]) -> set[str]:
    """What the final step cannot do without, whatever its conditions come to."""
    certain, waiting = {final}, [final]
    while waiting:
        target = waiting.pop()
        needed = {edge.source for edge in edges if edge.target == target and edge.label not in BRANCHES}
        waiting += needed - certain
        certain |= needed
    return certain


@dataclass(frozen=True, slots=True)
class _Drawer:
    base_model: str
    final: str

    def nodes(self, steps: Mapping[str, Step], inside: str | None) -> Iterator[Node]:
        for name, step in steps.items():
            own = self._models(step)
            roles = _roles(step)
            node = Node(
                _id(name, inside),
                name,
                step.kind,
                own,
                inside,
                final=not inside and name == self.final,
                name=name,
                roles=roles if any(roles) else (),
            )
            if isinstance(step, If):
                node = replace(node, label=f"{name}: {step.condition}?", condition=step.condition)
            if isinstance(step, LoopUntil):
                label = f"{name}: until {step.loop_until}, at most {step.max_rounds} times"
                node = replace(node, label=label, condition=step.loop_until, max_rounds=step.max_rounds)
            yield node
            if isinstance(step, LoopUntil):
                yield from self.nodes(step.steps, _id(name, inside))

    def edges(
        self, steps: Mapping[str, Step], outer: Mapping[str, str], inside: str | None
    ) -> Iterator[Edge]:
        """`outer`: ids of the names around these steps."""
        ids = {**outer, **{name: _id(name, inside) for name in steps}}
        for name, step in steps.items():
            target = ids[name]
            for path, wanted in inputs(step):
                yield Edge(ids[wanted], target, str(path[0]) if isinstance(step, If) else "")
            for place in dict.fromkeys(place.split(".")[0] for _, place in places(step)):
                yield Edge(ids[place], target)
            if isinstance(step, If):
                for asked in conditions.asked(step.condition):
                    yield Edge(ids[asked], target, "condition")
            if isinstance(step, LoopUntil):
                yield from self.edges(step.steps, ids, target)
                yield Edge(_id(step.result, target), target, "again")
                for asked in conditions.asked(step.loop_until):
                    if asked in step.steps and asked != step.result:
                        yield Edge(_id(asked, target), target, "until")

    def _models(self, step: Step) -> list[str]:
        if isinstance(step, Fanout):
            return [expert.model for expert in step.fanout for _ in range(expert.count)]
        if isinstance(step, LoopUntil):
            return []
        return models_of({"": step}, self.base_model)


def _roles(step: Step) -> list[str]:
    """As many as there are models."""
    match step:
        case Fanout():
            return [expert.role for expert in step.fanout for _ in range(expert.count)]
        case BaseCall():
            return [step.role]
        case _:
            return []


def _id(name: str, inside: str | None) -> str:
    return f"{inside}.{name}" if inside else name
