"""Composites inside composites: how deep they may go, and what an inner one shares with the one around it.

An inner one draws on the budget around it, ends with its deadline and books into its ledger, so that
nothing is spent twice or counted twice. How deep a request stands is known three ways: from the
composite that asks for it, from the context it is made in (a tool that calls a composite), and from a
header, where it comes back in through a proxy.
"""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from composite_llm.accounting.budget import Budget
from composite_llm.accounting.ledger import Ledger
from composite_llm.engine.tool_stage import tool_stage
from composite_llm.errors import BadRequest
from composite_llm.request.groups import Groups
from composite_llm.request.options import Limits
from composite_llm.request.reading import Request, read_request
from composite_llm.request.route import COMPOSITE_PREFIX, DEPTH_HEADER, route

if TYPE_CHECKING:
    from composite_llm.engine.calls import Call
    from composite_llm.engine.run import Run
    from composite_llm.engine.stage import Stage


@dataclass(slots=True)
class Around:
    """The composite request around another one."""

    run: "Run"
    depth: int
    """Of the one around; the client's own request has 0."""
    most: int
    """How deep any inside it may stand: what the client's own request allows."""
    stage: "Stage | None" = None
    """Where it is asked for. None when code that ran inside made a request of its own."""
    call: "Call | None" = None
    final: bool = False
    """Whether its answer is the client's."""
    over: bool = False


_around: ContextVar[Around | None] = ContextVar("composite_llm_around", default=None)


def around() -> Around | None:
    """The composite in whose context this code runs."""
    return _around.get()


@contextmanager
def inside(run: "Run", depth: int, most: int) -> Generator[Around]:
    """What runs in here runs inside `run`."""
    around = Around(run, depth, most)
    token = _around.set(around)
    try:
        yield around
    finally:
        around.over = True
        _around.reset(token)


def depth_of(asked_by: Around | None, headers: Mapping[str, str]) -> int:
    """How deep a request stands: 0 for a client's own."""
    if asked_by is not None:
        return asked_by.depth + 1
    told = next((value for name, value in headers.items() if name.lower() == DEPTH_HEADER), "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 4 else 0


def refuse_too_deep(depth: int, most: int, model: str) -> None:
    if depth > most:
        allowed = "none may stand inside another" if most == 0 else f"{most} deep is as far as they may go"
        raise BadRequest(
            f"{model} would be a composite {depth} deep inside composites, and max_composite_depth={most}: {allowed}."
        )


def booking_into(asked_by: Around | None, ledger: Ledger | None) -> Ledger:
    """The books of a request, which are a page of those around it, until they are closed."""
    ledger = ledger or Ledger()
    if asked_by is not None and not asked_by.over:
        stage = asked_by.stage or tool_stage(asked_by.run)
        ledger.parent = stage.ledger if stage else asked_by.run.ledger
        ledger.open()
    return ledger


def budget_under(asked_by: Around | None, limits: Limits) -> Budget:
    """Its own limits, and those around it; they hold, too, for what a tool asks when the request it ran for is over."""
    if asked_by is None:
        return Budget(limits)
    return Budget(limits, parent=asked_by.run.budget, as_final=asked_by.final)


def seconds_left(asked_by: Around | None) -> float:
    """Until the deadline around it. What code that ran inside asks when that is over has a time of its own."""
    return inf if asked_by is None or asked_by.over else max(0.0, asked_by.run.seconds_left())


def place_of(asked_by: Around | None) -> str:
    """What stands before its stages' names in the receipt: `council.answers[2] › `."""
    if asked_by is None:
        return ""
    if asked_by.stage is None or asked_by.call is None:
        return f"{asked_by.run.within}inside › "
    return f"{asked_by.run.within}{asked_by.stage.name}[{asked_by.call.index}] › "


def connection_towards(run: "Run", model: str) -> Mapping[str, Any]:
    """The client's key and address, where `model` is at the provider they are meant for."""
    plain = model and not model.startswith(COMPOSITE_PREFIX) and not run.groups.holds(model)
    return run.connection_for(route(model)) if plain else {}


def _read_inner(model: str, parameters: Mapping[str, Any]) -> Request:
    try:
        return read_request(model.removeprefix(COMPOSITE_PREFIX), {"composite": dict(parameters)})
    except BadRequest as error:
        raise BadRequest(
            f"{model} cannot be a member as it is: {error} Give it a profile that is whole."
        ) from None


def plain_models(request: Request, depth: int, most: int, groups: Groups | None = None) -> Iterator[str]:
    """Every model and model group that is no composite, of the request and of all composites in it.

    Raises BadRequest for what cannot run or goes too deep: before the first call costs money.
    """
    groups = groups or Groups()
    composites = [*request.composites]
    for model in request.models:
        if composite := groups.composite(model):
            composites.append(composite)
        elif not model.startswith(COMPOSITE_PREFIX):
            yield model
    for model, parameters in composites:
        refuse_too_deep(depth + 1, most, model)
        inner = _read_inner(model, parameters)
        yield from plain_models(inner, depth + 1, most, groups)
