"""What is found out about a request before its first call costs money."""

from pathlib import Path

from composite_llm import telemetry
from composite_llm.accounting.prices import price_of_tokens
from composite_llm.agent_cli import finding
from composite_llm.agent_cli.prompt import shaping
from composite_llm.engine import nesting
from composite_llm.engine.nesting import Around
from composite_llm.errors import BadRequest
from composite_llm.request.conversation import unsendable, wrong_messages
from composite_llm.request.deployment import deployment_parameters
from composite_llm.request.groups import Groups
from composite_llm.request.incoming import Incoming
from composite_llm.request.options import Limits
from composite_llm.request.reading import PREFIX, Request, read_request
from composite_llm.request.route import COMPOSITE_PREFIX, Route
from composite_llm.telemetry import Span


def understood(incoming: Incoming, span: Span, depth: int, asked_by: Around | None) -> tuple[Request, int]:
    """The request, and how deep composites may stand in it. Raises BadRequest."""
    telemetry.write_depth(span, depth)
    request = read_request(
        incoming.model,
        incoming.optional_params,
        deployment=deployment_parameters(incoming.metadata, incoming.optional_params),
        folder=None if incoming.remote else Path.cwd(),
    )
    if wrong := wrong_messages(incoming.messages) or unsendable(incoming.messages):
        raise BadRequest(f"{wrong}.")
    telemetry.write_config(span, request.configuration)
    if request.profile:
        telemetry.write_profile(span, request.profile.name, request.profile.hash)
    most = asked_by.most if asked_by else request.options.max_composite_depth
    nesting.refuse_too_deep(depth, most, f"{PREFIX}{incoming.model}")
    if request.options.baseline:
        _refuse_composite(request.options.baseline.model, incoming.groups)
        incoming.groups.ways(request.options.baseline.model)
    for model in (model for chain in request.options.fallbacks.values() for model in chain):
        _refuse_composite(model, incoming.groups)
    for model in nesting.plain_models(request, depth, most, incoming.groups):
        for way in incoming.groups.ways(model):
            _check(way, request.options.limits)
            if way.program and incoming.remote and asked_by is None and not finding.configured():
                raise BadRequest(_NOT_FROM_OUTSIDE.format(name=way.name))
    _check_final(request, incoming.groups)
    return request, most


def _refuse_composite(group: str, groups: Groups) -> None:
    if groups.composite(group):
        raise BadRequest(f"The model group {group!r} is a composite, where only a plain model can stand.")


_NOT_FROM_OUTSIDE = "{name} runs a program on this machine, which nobody may ask over a network until COMPOSITE_LLM_AGENT_CLI names it."


def _check_final(request: Request, groups: Groups) -> None:
    """The client's wishes for the answer are such that who writes it can be told of them."""
    final = request.parameters.models(request.base_model)[-1]
    wanted = shaping(request.client_parameters)
    if wanted and not final.startswith(COMPOSITE_PREFIX) and any(way.program for way in groups.ways(final)):
        raise BadRequest(f"{final} is an agent CLI, which takes no {', '.join(wanted)}.")


def _check(way: Route, limits: Limits) -> None:
    """`way` leads somewhere; what is asked there must have a price where dollars are limited."""
    if way.program and (limits.max_cost_usd is not None or limits.max_tokens is not None):
        raise BadRequest(
            f"A budget in dollars or tokens cannot be kept: {way.name} is an agent CLI, whose answers have no limit. "
            "Limit calls."
        )
    if limits.max_cost_usd is not None and price_of_tokens(way, 1, 1) is None:
        raise BadRequest(
            f"max_cost_usd={limits.max_cost_usd:g} cannot be kept: no price is known for {way.name}. "
            "Give it one in prices.yaml or with litellm.register_model, or limit calls or tokens."
        )
