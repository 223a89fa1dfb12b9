"""Which of the client's parameters a call gets.

inner calls   none of them: a member must not be cut short, or asked for tools, by what the client
              wants of the answer. The seed comes along, moved on by the call's place in its fan-out,
              so that samples of one model differ.
final call    all of them; they go before the strategy's own.
candidates    as the final call, since the client may get their answer, but for the seed.
both          who the client is (`user`, tags, session) and its trace, so that a provider's log can be read
              beside ours.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import litellm
from litellm.utils import get_optional_params

from composite_llm import telemetry
from composite_llm.engine.calls import Call
from composite_llm.engine.message_rules import ending_on_a_question
from composite_llm.request.route import DEPTH_HEADER, Route
from composite_llm.telemetry import Span

if TYPE_CHECKING:
    from composite_llm.engine.run import Run

_OF_A_TRACE = {"traceparent", "tracestate", "baggage"}


def inner(run: "Run", call: Call) -> Call:
    """The parameters of a call whose answer other models read. A model that takes one not is not sent it,
    since they are ours and not the client's."""
    if call.candidate:
        return _candidate(run, call)
    parameters = {**run.seed_for(call.index), **call.parameters, "drop_params": True}
    return replace(call, messages=ending_on_a_question(call.messages), parameters=parameters)


def final(run: "Run", call: Call) -> Call:
    return replace(call, parameters={**call.parameters, **run.client_parameters})


def _candidate(run: "Run", call: Call) -> Call:
    """What its model takes not of the client's is an error, as in the final call; of ours it is left out."""
    ours = [name for name in call.parameters if name not in run.client_parameters]
    parameters = {**call.parameters, **run.client_parameters, **run.seed_for(call.index)}
    return replace(call, parameters=parameters, droppable=ours)


def taken_by(way: Route, call: Call) -> Mapping[str, Any]:
    """The call's parameters without those of `droppable` that LiteLLM knows this model to refuse."""
    if way.program:  # it leaves them out itself, and says so
        return call.parameters
    refused = [name for name in call.droppable if not _takes(way, name, call.parameters[name])]
    return {name: value for name, value in call.parameters.items() if name not in refused}


def about_the_client(run: "Run", way: Route) -> dict[str, Any]:
    """Who asks. The client's `user` only where the provider takes one: elsewhere LiteLLM would refuse the call."""
    identity = run.identity
    told = {"user_id": identity.user_id, "session_id": identity.session_id, "tags": list(identity.tags)}
    metadata = {name: value for name, value in told.items() if value}
    user: dict[str, Any] = {"user": run.user} if run.user and _takes_user(way) else {}
    if (
        user and way.simulated
    ):  # LiteLLM tells who takes it by the bare name, which the simulator is not asked by
        user["allowed_openai_params"] = ["user"]
    return user | ({"metadata": metadata} if metadata else {})


def headers(run: "Run", call: Call, span: Span) -> dict[str, str]:
    """The call's own headers and its place in the trace; the one the client names goes before ours."""
    clients: Mapping[str, str] = run.client_parameters.get("extra_headers") or {}
    of_its_trace = {name: value for name, value in clients.items() if name.lower() in _OF_A_TRACE}
    ours = {} if of_its_trace else telemetry.outgoing(span)
    depth = {DEPTH_HEADER: str(run.depth + 1)}
    return {**ours, **of_its_trace, **(call.parameters.get("extra_headers") or {}), **depth}


def _takes_user(way: Route) -> bool:
    return "user" in (litellm.get_supported_openai_params(way.model, way.provider) or ())


def _takes(way: Route, name: str, value: Any) -> bool:
    """Some models take a parameter with one value only, so LiteLLM has to see it. A program takes none."""
    if way.program:
        return False
    try:
        model, provider, _, _ = litellm.get_llm_provider(way.litellm_model)
        get_optional_params(model=model, custom_llm_provider=provider, **{name: value})
    except litellm.UnsupportedParamsError:
        return False
    except Exception:  # noqa: BLE001 - whatever else it finds wrong, the call itself will say
        return True
    return True
