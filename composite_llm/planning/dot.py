"""A drawing in Graphviz' language."""

from collections.abc import Iterator, Sequence

from composite_llm.graph.steps import LoopUntil
from composite_llm.planning.outline import counted
from composite_llm.planning.told import Drawing


def in_dot(drawing: Drawing, name: str) -> str:
    """`name`: of the graph. Text of profiles stands in quotes, where Graphviz reads nothing but its own escapes."""
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
        told = "\n".join([node.label, node.kind, *counted(node.models)])
        shape = ", peripheries=2" if node.final else ""
        yield f"{indent}{_quoted(node.id)} [label={_quoted(told)}{shape}];"
        if node.id in loops:
            yield f"{indent}subgraph {_quoted('cluster_' + node.id)} {{"
            yield f"{indent}  label={_quoted(node.label)};"
            yield from _node_lines(drawing, node.id, loops, indent + "  ")
            yield f"{indent}}}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
