"""What the parts of a run are called: a node by its place, `rlm 0.2` for the root's third child."""

from collections.abc import Mapping

from composite_llm import conventions as c
from dashboard.answers.recursion import NodeFacts
from dashboard.recursion.nesting import Nesting
from dashboard.run import Run

CELL = "cell"
"""Code that a node's model wrote and had run."""


def part_names(run: Run, nesting: Nesting, facts: Mapping[str, NodeFacts]) -> list[str]:
    ids = run.spans["span_id"].to_pylist()
    types = run.spans["span_type"].to_pylist()

    def name(row: int) -> str:
        if row < 0:
            return "whole run"
        told = facts.get(ids[row])
        if types[row] == c.RLM_NODE:
            return f"rlm {told.node_id}" if told and told.node_id else "rlm"
        return CELL if types[row] == c.REPL_EXEC else run.names[row]

    return [name(part.row) for part in nesting.parts]
