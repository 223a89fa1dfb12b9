"""A mode as nodes and edges, and as DOT: what a page draws, and `composite-llm modes show` prints."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from composite_llm.graph import conditions
from composite_llm.graph.references import fields_of, inputs, places
from composite_llm.graph.steps import Fanout, If, LoopUntil, Step
from composite_llm.graph.used_models import models_of
from composite_llm.planning.estimate import TYPICAL, whole_plan
from composite_llm.request.reading import Request
from composite_llm.strategies import graph

QUESTION = "question"
"""The node every drawing begins with: what the client sent."""


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    """Unique in the drawing; of a step inside a loop `loop.step`."""
    label: str
    kind: str
    """The kind of step, or of stage; `question` for the client's own."""
    models: Sequence[str] = ()
    """As often as each is asked."""
    inside: str | None = None
    """The id of the loop it is run in."""
    final: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    source: str
    target: str
    label: str = ""
    """`then`, `else`, `condition`, `again`; empty where the one simply reads the other."""


@dataclass(frozen=True, slots=True)
class Drawing:
    nodes: Sequence[Node]
    edges: Sequence[Edge]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def drawing_of(request: Request) -> Drawing:
    """Of any strategy: its steps where it is made of them, else its stages one after the other."""
    if isinstance(request.parameters, graph.Parameters):
        return _of_steps(request.parameters, request.base_model)
    plan = whole_plan(request, TYPICAL)
    stages: dict[str, list[str]] = {}
    for call in plan.most if plan else ():
        stages.setdefault(call.stage, []).append(call.model)
    nodes = [Node(QUESTION, QUESTION, QUESTION)]
    nodes += [
        Node(name, name, "stage", models, final=name == list(stages)[-1]) for name, models in stages.items()
    ]
    names = [QUESTION, *stages]
    return Drawing(nodes, [Edge(one, other) for one, other in pairwise(names)])


def dot(drawing: Drawing, name: str) -> str:
    """For Graphviz."""
    lines = [f"digraph {_quoted(name)} {{", "  rankdir=LR;", "  node [shape=box];"]
    loops = [node.id for node in drawing.nodes if node.kind == LoopUntil.kind]
    lines += _node_lines(drawing, None, loops, "  ")
    for edge in drawing.edges:
        label = f" [label={_quoted(edge.label)}]" if edge.label else ""
        lines.append(f"  {_quoted(edge.source)} -> {_quoted(edge.target)}{label};")
    return "\n".join([*lines, "}", ""])


def _node_lines(drawing: Drawing, inside: str | None, loops: Sequence[str], indent: str) -> Iterator[str]:
    for node in drawing.nodes:
        if node.inside != inside:
            continue
        told = "\n".join([node.label, node.kind, *_counted(node.models)])
        shape = ", peripheries=2" if node.final else ""
        yield f"{indent}{_quoted(node.id)} [label={_quoted(told)}{shape}];"
        if node.id in loops:
            yield f"{indent}subgraph {_quoted('cluster_' + node.id)} {{"
            yield f"{indent}  label={_quoted(node.label)};"
            yield from _node_lines(drawing, node.id, loops, indent + "  ")
            yield f"{indent}}}"


def _counted(models: Sequence[str]) -> list[str]:
    return [
        model if (count := models.count(model)) == 1 else f"{model} × {count}"
        for model in dict.fromkeys(models)
    ]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _of_steps(parameters: graph.Parameters, base_model: str) -> Drawing:
    drawer = _Drawer(base_model, parameters.final)
    nodes = [Node(QUESTION, QUESTION, QUESTION), *drawer.nodes(parameters.steps, None)]
    edges = list(drawer.edges(parameters.steps, {}, None))
    fed = {edge.target for edge in edges}
    # A loop is fed through the steps inside it; every other node that reads nobody reads the question.
    first = [
        Edge(QUESTION, node.id)
        for node in nodes[1:]
        if node.id not in fed and node.kind not in {LoopUntil.kind, If.kind}
    ]
    return Drawing(nodes, [*first, *edges])


@dataclass(frozen=True, slots=True)
class _Drawer:
    base_model: str
    final: str

    def nodes(self, steps: Mapping[str, Step], inside: str | None) -> Iterator[Node]:
        for name, step in steps.items():
            label = name
            if isinstance(step, If):
                label = f"{name}: {step.condition}?"
            if isinstance(step, LoopUntil):
                label = f"{name}: until {step.loop_until}, at most {step.max_rounds} times"
            own = self._models(step)
            yield Node(_id(name, inside), label, step.kind, own, inside, not inside and name == self.final)
            if isinstance(step, LoopUntil):
                yield from self.nodes(step.steps, _id(name, inside))

    def edges(
        self, steps: Mapping[str, Step], outer: Mapping[str, str], inside: str | None
    ) -> Iterator[Edge]:
        """`outer`: ids of the names around these steps."""
        ids = {**outer, **{name: _id(name, inside) for name in steps}}
        known = {**steps}
        for name, step in steps.items():
            target = ids[name]
            for path, wanted in inputs(step):
                yield Edge(ids[wanted], target, str(path[0]) if isinstance(step, If) else "")
            for place in dict.fromkeys(place.split(".")[0] for _, place in places(step)):
                yield Edge(ids[place], target)
            if isinstance(step, If):
                for asked in _asked(step.condition, known):
                    yield Edge(ids[asked], target, "condition")
            if isinstance(step, LoopUntil):
                yield from self.edges(step.steps, ids, target)
                yield Edge(_id(step.result, target), target, "again")

    def _models(self, step: Step) -> list[str]:
        if isinstance(step, Fanout):
            return [expert.model for expert in step.fanout for _ in range(expert.count)]
        if isinstance(step, LoopUntil):
            return []
        return models_of({"": step}, self.base_model)


def _asked(condition: str, steps: Mapping[str, Step]) -> list[str]:
    return conditions.check(condition, fields_of(steps))


def _id(name: str, inside: str | None) -> str:
    return f"{inside}.{name}" if inside else name
