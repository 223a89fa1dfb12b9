"""A drawing in words: one line a step, in the order they are written."""

from collections.abc import Sequence

from composite_llm.planning.told import Drawing, Edge, Line, Node


def outline(drawing: Drawing) -> list[Line]:
    nodes = {node.id: node for node in drawing.nodes}
    return [
        Line(
            "  " * _depth(node, nodes) + node.label, node.kind, _sources(node, nodes, drawing), _models(node)
        )
        for node in drawing.nodes
    ]


def _depth(node: Node, nodes: dict[str, Node]) -> int:
    return 0 if node.inside is None else 1 + _depth(nodes[node.inside], nodes)


def _sources(node: Node, nodes: dict[str, Node], drawing: Drawing) -> str:
    return ", ".join(_told(edge, nodes) for edge in drawing.edges if edge.target == node.id)


def _told(edge: Edge, nodes: dict[str, Node]) -> str:
    source = nodes[edge.source]
    name = source.id if source.kind == "stage" else source.name
    return f"{name} ({edge.label})" if edge.label else name


def _models(node: Node) -> str:
    return ", ".join(counted(node.models))


def counted(models: Sequence[str]) -> list[str]:
    """Each once, with how often it is asked: `openai/gpt-4o × 4`."""
    times = {model: models.count(model) for model in models}
    return [model if count == 1 else f"{model} × {count}" for model, count in times.items()]
