"""What one request may take: how many calls, and what they cost by LiteLLM's price table."""

from collections.abc import Iterator, Mapping, Sequence
from math import fsum

from composite_llm.accounting.prices import price_of_tokens
from composite_llm.errors import BadRequest
from composite_llm.planning.formulas import plan_of
from composite_llm.planning.planned import Plan, Planned, Size, one_of
from composite_llm.planning.told import Estimate
from composite_llm.request.reading import Request, read_request
from composite_llm.request.route import COMPOSITE_PREFIX, named

TYPICAL = Size(question=500, answer=400, instruction=150, verdict=150)
"""A page of a question, and half a page of an answer."""

DEEPEST = 8


def estimate(request: Request, size: Size = TYPICAL) -> Estimate | None:
    """None for a strategy that nobody has written a plan for. BadRequest where a composite in it cannot be read."""
    plan = whole_plan(request, size)
    if plan is None:
        return None
    return Estimate(
        least_calls=len(plan.least),
        most_calls=len(plan.most),
        least_usd=_cost(plan.least),
        most_usd=_cost(plan.most),
        unpriced=sorted({call.model for call in plan.most if _price(call) is None}),
    )


def whole_plan(request: Request, size: Size, depth: int = 0) -> Plan | None:
    """With the calls of the composites in it in place of those that ask them."""
    plan = plan_of(request.parameters, request.base_model, size, request.options.max_tool_calls)
    if plan is None or depth > DEEPEST:
        return None
    inner: dict[str, Plan] = {}
    for model, given in request.composites:
        nested = read_request(model.removeprefix(COMPOSITE_PREFIX), {"composite": dict(given)})
        found = whole_plan(nested, size, depth + 1)
        if found is None:
            return None
        inner[model] = found if model not in inner else one_of([found, inner[model]], _weight)
    return _spelled_out(plan, inner)


def _spelled_out(plan: Plan, inner: Mapping[str, Plan]) -> Plan:
    least = [each for call in plan.least for each in _calls_of(call, inner, most=False)]
    most = [each for call in plan.most for each in _calls_of(call, inner, most=True)]
    return Plan(least, most).then(one_of([_spelled_out(way, inner) for way in plan.ways], _weight))


def _calls_of(call: Planned, inner: Mapping[str, Plan], *, most: bool) -> Iterator[Planned]:
    if call.model not in inner:
        yield call
        return
    plan = inner[call.model].within(call.stage)
    yield from plan.most if most else plan.least


def _weight(calls: Sequence[Planned]) -> tuple[int, float]:
    """Of as many calls the cheaper ones are fewer."""
    return len(calls), _cost(calls) or 0.0


def _cost(calls: Sequence[Planned]) -> float | None:
    known = [price for call in calls if (price := _price(call)) is not None]
    return fsum(known) if known or not calls else None


def _price(call: Planned) -> float | None:
    try:
        return price_of_tokens(named(call.model), call.input, call.output)
    except BadRequest:  # a model nobody knows has no price either
        return None
