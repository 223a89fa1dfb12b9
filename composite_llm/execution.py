"""One composite request from start to end: its span, its deadline, its receipt."""

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from composite_llm import telemetry
from composite_llm.content import Message
from composite_llm.engine import Reply, Run
from composite_llm.errors import BadRequest, DeadlineExceeded
from composite_llm.ledger import Ledger
from composite_llm.receipts import Receipt
from composite_llm.request import PREFIX, read_request, strategy_name
from composite_llm.route import route
from composite_llm.telemetry import Identity, Span


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as it came, not yet read."""

    model: str
    """What follows `composite/`."""
    messages: Sequence[Message]
    optional_params: Mapping[str, Any]
    metadata: Mapping[str, Any]
    headers: Mapping[str, str]
    """HTTP headers of the client's request to a proxy, for `traceparent`."""
    connection: Mapping[str, Any]
    call_id: str
    timeout_s: float
    stream: bool = False

    def identity(self) -> Identity:
        return Identity(
            request_id=uuid.uuid4().hex,
            strategy=strategy_name(self.model),
            session_id=_text(self.metadata.get("session_id")),
            user_id=_text(self.metadata.get("user_id")),
            tags=_texts(self.metadata.get("tags")),
        )


async def execute(incoming: Incoming) -> tuple[Reply, Receipt]:
    """Run the request. Raises CompositeError, and whatever a bug in a strategy raises, as itself."""
    identity = incoming.identity()
    span = telemetry.request_span(
        identity,
        f"{PREFIX}{incoming.model}",
        incoming.call_id,
        telemetry.parent_of_request(incoming.metadata, incoming.headers),
    )
    ledger = Ledger()
    started = time.monotonic()
    stop_reason = "error"
    try:
        telemetry.write_input(span, incoming.messages, as_call=False)
        reply = await _in_time(incoming, identity, span, ledger)
        telemetry.write_output(span, reply.answer.choices, as_call=False)
        stop_reason = "complete"
    except DeadlineExceeded as error:
        stop_reason = "timeout"
        telemetry.fail(span, error, "timeout")
        telemetry.escapes(span, error)
        raise
    except asyncio.CancelledError:
        stop_reason = "cancelled"
        raise
    except Exception as error:
        telemetry.fail(span, error)
        telemetry.escapes(span, error)
        raise
    finally:
        telemetry.write_stop_reason(span, stop_reason)
        telemetry.write_rollup(span, ledger)
        span.end()
    return reply, Receipt.of(
        ledger,
        model=f"{PREFIX}{incoming.model}",
        strategy=identity.strategy,
        request_id=identity.request_id,
        trace_id=telemetry.trace_id(span),
        seconds=time.monotonic() - started,
    )


async def _in_time(incoming: Incoming, identity: Identity, span: Span, ledger: Ledger) -> Reply:
    request = read_request(incoming.model, incoming.optional_params, stream=incoming.stream)
    if not incoming.messages:
        raise BadRequest("messages is empty: there is nothing to ask.")
    telemetry.write_config(span, request.configuration)
    for model in request.models:
        route(model)  # a name nobody knows must stop the request before the first call costs money
    run = Run(
        identity=identity,
        model=request.base_model,
        messages=incoming.messages,
        options=request.options,
        client_parameters=request.client_parameters,
        connection=incoming.connection,
        span=span,
        deadline=time.monotonic() + incoming.timeout_s,
        ledger=ledger,
    )
    try:
        async with asyncio.timeout(incoming.timeout_s):
            return await request.strategy.run(run, request.parameters)
    except TimeoutError:
        raise DeadlineExceeded(incoming.timeout_s) from None


def _text(value: Any) -> str | None:
    return str(value) if value else None


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    return tuple(map(str, value)) if isinstance(value, list | tuple | set) else ()
