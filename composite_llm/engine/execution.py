"""One composite request from start to end: its span, its deadline, its receipt."""

import asyncio
import contextvars
import time
from dataclasses import replace
from functools import partial
from math import inf

from composite_llm import telemetry
from composite_llm.accounting.ledger import Ledger
from composite_llm.accounting.receipts import Receipt
from composite_llm.caching.answers import Answers
from composite_llm.caching.keys import scope_of
from composite_llm.engine import baseline, nesting
from composite_llm.engine.calls import Call
from composite_llm.engine.ending import receipt_of, why_stopped, write_stream, write_sums
from composite_llm.engine.nesting import Around
from composite_llm.engine.run import Reply, Run, Stage
from composite_llm.errors import DeadlineExceeded
from composite_llm.plugins.around import around
from composite_llm.plugins.plugin import no_plugins
from composite_llm.request.admission import understood
from composite_llm.request.conversation import as_recorded
from composite_llm.request.incoming import Incoming
from composite_llm.request.options import Baseline
from composite_llm.request.reading import PREFIX, Request, base_model_of
from composite_llm.request.route import COMPOSITE_PREFIX
from composite_llm.streaming.sink import Sink
from composite_llm.telemetry import Identity, Span
from composite_llm.tools.tooling import Tooling

_ABOUT_THE_CLIENT = ("session_id", "user_id", "tags")


def opened(
    incoming: Incoming, asked_by: Around | None = None, *, stream: bool = False
) -> tuple[Identity, Span]:
    """Who asks, and the span of the request, begun. Inside another composite it is part of that one's request."""
    identity = incoming.identity()
    if asked_by is not None:
        identity = replace(asked_by.run.identity, strategy=identity.strategy)
    parent = telemetry.parent_of_request(incoming.metadata, incoming.headers)
    model = f"{PREFIX}{incoming.model}"
    return identity, telemetry.request_span(identity, model, incoming.call_id, parent, stream=stream)


async def execute(
    incoming: Incoming,
    *,
    ledger: Ledger | None = None,
    sink: Sink | None = None,
    asked_by: Around | None = None,
    begun: tuple[Identity, Span] | None = None,
) -> tuple[Reply, Receipt]:
    """Run the request. Raises CompositeError, and whatever a bug in a strategy raises, as itself.

    `ledger` holds what was used also when that fails; `sink` gets the words of the final call as they come.
    `begun`: what `opened` gave, where the span had to be known before.
    """
    run: Run | None = None
    asked_by = asked_by or nesting.around()
    identity, span = begun or opened(incoming, asked_by, stream=sink is not None)
    ledger = nesting.booking_into(asked_by, ledger)
    started = time.monotonic()
    stop_reason, answered = "error", False
    try:
        telemetry.write_input(span, as_recorded(incoming.messages), as_call=False)
        depth = nesting.depth_of(asked_by, incoming.headers)
        request, most = understood(incoming, span, depth, asked_by)
        seconds = min(
            incoming.timeout_s, request.options.hard_timeout_s or inf, nesting.seconds_left(asked_by)
        )
        run = _run(incoming, request, identity, span, ledger, sink, seconds, _scope(incoming, asked_by))
        run.budget = nesting.budget_under(asked_by, request.options.limits)
        run.depth, run.within = depth, nesting.place_of(asked_by)
        with nesting.inside(run, depth, most) as around_others:
            run.ask_composite = partial(_ask_composite, around_others)
            reply = await _in_time(run, incoming, request, seconds)
        telemetry.write_output(span, reply.answer.choices, as_call=False)
        stop_reason, answered = run.stop_reason, True
        return reply, receipt_of(reply, run, f"{PREFIX}{incoming.model}", started)
    except asyncio.CancelledError:
        stop_reason = "cancelled"
        raise
    except Exception as error:
        stop_reason, error_type = why_stopped(error)
        telemetry.fail(span, error, error_type)
        telemetry.escapes(span, error)
        raise
    finally:
        telemetry.write_stop_reason(span, stop_reason)
        write_sums(span, ledger, run)
        if sink and (sink.spoke_at or answered):
            write_stream(span, sink, started)
        span.end()
        ledger.close()


def _run(
    incoming: Incoming,
    request: Request,
    identity: Identity,
    span: Span,
    ledger: Ledger,
    sink: Sink | None,
    seconds: float,
    scope: str,
) -> Run:
    about = (request.configuration, scope, *incoming.groups.identity)
    tooling = Tooling.of(request.options, request.client_parameters, incoming.messages, scope)
    return Run(
        identity=identity,
        model=request.base_model,
        messages=tooling.read,
        options=request.options,
        client_parameters=request.client_parameters,
        connection=incoming.connection,
        span=span,
        deadline=time.monotonic() + seconds,
        final_model=request.parameters.models(request.base_model)[-1],
        groups=incoming.groups,
        user=incoming.user,
        ledger=ledger,
        tooling=tooling,
        panel=tooling.panel(about),
        answers=Answers(request.options.cache, about),
        sink=sink,
    )


def _scope(incoming: Incoming, asked_by: Around | None) -> str:
    """Who asks; inside another composite whoever asked for that one."""
    outer = asked_by.run.tooling.scope if asked_by else ""
    return scope_of(incoming.connection, {**incoming.metadata, "user": incoming.user}, outer)


async def _ask_composite(
    around_it: Around, stage: Stage, call: Call, final: bool, sink: Sink | None
) -> Reply:
    """Run the composite that `call` asks, inside the request it is asked in."""
    run = stage.run
    model = call.model.removeprefix(COMPOSITE_PREFIX)
    incoming = Incoming(
        model=model,
        messages=call.messages,
        optional_params={name: value for name, value in call.parameters.items() if name != "drop_params"},
        metadata={"litellm_parent_otel_span": stage.span},
        headers={},
        connection=nesting.connection_towards(run, base_model_of(model)),
        call_id="",
        timeout_s=max(0.0, run.seconds_left()),
        user=run.user,
        remote=True,
        groups=run.groups,
    )
    asked_by = replace(around_it, stage=stage, call=call, final=final)
    reply, receipt = await execute(incoming, sink=sink, asked_by=asked_by)
    for why in receipt.degraded:
        stage.degrade(f"{call.model}: {why}")
    return Reply(call, reply.answer, reply.span_context)


def _begin_baseline(run: Run, incoming: Incoming, wanted: Baseline, seconds: float) -> None:
    """Ask one plain model the same, beside the request and apart from it, if this is one of the share. It may
    take as many `seconds` as the request."""
    if not baseline.is_sampled(run.identity.request_id, wanted.sample_rate):
        return
    plain = replace(
        incoming,
        model=f"direct/{wanted.model}",
        messages=[*run.messages, *run.tooling.rest],
        optional_params=dict(run.client_parameters),
        metadata={name: value for name, value in incoming.metadata.items() if name in _ABOUT_THE_CLIENT},
        headers={},
        connection=nesting.connection_towards(run, wanted.model),
        call_id="",
        timeout_s=seconds,
    )
    begun = contextvars.Context().run(opened, plain)  # a trace of its own, wherever this is called
    run.baseline_trace_id = telemetry.trace_id(begun[1])
    telemetry.link_baseline(run.span, begun[1], model=wanted.model, sample_rate=wanted.sample_rate)
    baseline.run_beside(lambda: _run_baseline(plain, begun), begun[1].end)


async def _run_baseline(plain: Incoming, begun: tuple[Identity, Span]) -> None:
    with no_plugins():
        await execute(plain, begun=begun)


async def _in_time(run: Run, incoming: Incoming, request: Request, seconds: float) -> Reply:
    async def work() -> Reply:
        if run.options.baseline and not run.within:
            _begin_baseline(
                run, incoming, run.options.baseline, seconds
            )  # plugins have seen the question by now
        return await run.answer(lambda run: request.strategy.run(run, request.parameters))

    try:
        async with asyncio.timeout(seconds):
            return await around(run, f"{PREFIX}{incoming.model}", incoming.metadata, work)
    except TimeoutError:
        raise DeadlineExceeded(seconds) from None
    finally:
        await run.close()
