"""Doing what a model's turn asks for, with a span for each cell, and telling it what came of it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from composite_llm.engine.run import Stage
from composite_llm.recursion.node import Node
from composite_llm.recursion.tool_definitions import NAMES
from composite_llm.recursion.turns import PYTHON, Action, Move
from composite_llm.recursion.typed import as_text
from composite_llm.sandbox import CellResult, ToldToCode
from composite_llm.telemetry import recursion as spans

NOTHING = "(nothing was printed: print what you want to see)"
NOT_RUN = "Not run, since the one before it failed."
_NOTES = 2_000
"""Characters for what stands beside the output itself: an error, what was left out, what was lost."""
_CRASHED = "SandboxError"


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a turn's actions."""

    results: Sequence[str]
    """Of each, in words for the model."""
    failed: bool
    """One of them did, and those after it were not done."""


async def perform(node: Node, stage: Stage, move: Move) -> Done:
    results: list[str] = []
    failed = False
    for action in move.actions:
        if failed:
            results.append(NOT_RUN)
            continue
        if action.name == PYTHON and action.arguments is not None or action.call is None:
            text, failed = await _run_cell(node, stage, action.code)
        else:
            text, failed = await _call(node, stage, action)
        text = _cut(text, _share(node, move))
        await node.tree.saw(text)
        results.append(text)
    return Done(results, failed)


async def _run_cell(node: Node, turn: Stage, code: str) -> tuple[str, bool]:
    """What the cell printed and whether it failed. Raises what ends the request."""
    span = spans.cell_span(node.run.identity, turn.span, iteration=node.turn, code=code)
    async with node.run.stage("repl", turn.name, under=turn, span=span) as stage:
        node.begins_cell(stage)
        async with _tell_of_failures(node, stage):
            result = await node.session.run(code)
        node.variables = result.variables
        error = result.error
        spans.write_cell(
            span,
            output=result.stdout,
            chars_out=result.chars_out,
            truncated=result.truncated,
            sandbox=result.backend,
            sub_calls=node.sub_calls - node.sub_calls_before,
            error=(error.type, error.message) if error else None,
            limit=error and ("crash" if error.type == _CRASHED else error.limit),
        )
        if node.run.sink:
            node.run.sink.note(_progress(node, turn))
    return _in_words(result), error is not None


async def _call(node: Node, turn: Stage, action: Action) -> tuple[str, bool]:
    """One of the REPL's functions, called by the model itself."""
    node.begins_cell(turn)
    if action.name not in NAMES:
        return f"There is no tool {action.name!r}; there are {', '.join(NAMES)}.", True
    if action.arguments is None:
        return "The arguments are no JSON object.", True
    try:
        async with _tell_of_failures(node, turn):
            result = await _called(node, action.name, action.arguments)
    except (ToldToCode, TypeError) as wrong:
        return f"Error: {wrong}", True
    text = "\n".join(result) if isinstance(result, list) and action.name == "grep" else as_text(result)
    return text or NOTHING, False


async def _called(node: Node, name: str, arguments: Mapping[str, Any]) -> Any:
    if name == "submit":
        return await node.functions["SUBMIT"](arguments.get("reply", dict(arguments)))
    return await node.functions[name](**arguments)


@asynccontextmanager
async def _tell_of_failures(node: Node, stage: Stage) -> AsyncGenerator[None]:
    """An answer that is built on fewer sub-calls than were asked for is a degraded one."""
    before = node.sub_call_errors
    yield
    if failed := node.sub_call_errors - before:
        stage.degrade(f"{failed} of {node.sub_calls - node.sub_calls_before} sub-calls failed")


def _share(node: Node, move: Move) -> int:
    """Characters of each result: of many in one turn fewer, or they would fill a window."""
    return node.tree.settings.output_chars * min(3, len(move.actions)) // len(move.actions) + _NOTES


def _in_words(result: CellResult) -> str:
    parts = [result.stdout.rstrip()] if result.stdout.strip() else []
    if result.error:
        parts.append(f"{result.error!s:.{_NOTES}}")
    if result.lost_vars:
        parts.append(f"The REPL was started anew. Lost are: {', '.join(result.lost_vars)}.")
    return "\n".join(parts) or NOTHING


def _cut(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    left_out = len(text) - most
    return f"{text[: most // 2]}\n… [{left_out} characters left out] …\n{text[-(most // 2) :]}"


def _progress(node: Node, turn: Stage) -> str:
    ledger = node.run.ledger
    least = "" if ledger.cost_status == "known" else "≥ "
    cost = f", {least}${ledger.known_cost_usd:.4f} so far" if ledger.known_cost_usd else ""
    return f"{turn.name}: {node.sub_calls - node.sub_calls_before} sub-calls{cost}\n"
