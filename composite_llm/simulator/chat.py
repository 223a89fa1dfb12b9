"""POST /v1/chat/completions: the request is read, answered in the model's own time, and noted down.

The work runs beside a watch on the connection, because a server learns that a client has gone away
only by listening: whichever ends first ends the other.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from math import inf

from starlette.types import Receive, Scope, Send

from composite_llm.simulator.answers import Answer, Answers
from composite_llm.simulator.connection import Abort, Connection, encoded, sleep_until
from composite_llm.simulator.errors import RequestRefused
from composite_llm.simulator.faults import REFUSALS, FirstTimes, ModelFaults, refusal
from composite_llm.simulator.payloads import Payload
from composite_llm.simulator.profiles import Timing, own_name, profile_of, timing, timing_within
from composite_llm.simulator.records import Journal, Visit
from composite_llm.simulator.request import ChatRequest, parse_request
from composite_llm.simulator.streams import stream
from composite_llm.simulator.usage import Usage
from composite_llm.simulator.windows import window_of


class ChatEndpoint:
    def __init__(
        self,
        answers: Answers,
        faults: ModelFaults,
        delays: Mapping[str, float],
        journal: Journal,
        seed: int,
        speed: float,
        abort: Abort,
        windows: bool = True,
    ) -> None:
        self._answers = answers
        self._faults = faults
        self._delays = delays
        self._first_times = FirstTimes()
        self._journal = journal
        self._seed = seed
        self._speed = speed
        self._abort = abort
        self._windows = windows
        self._working: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = Connection(scope, receive, send, self._abort)
        raw = await connection.body()
        if raw is None:
            return
        visit = self._journal.arrive(connection.headers)
        work = asyncio.create_task(self._serve(raw, connection, visit))
        watch = asyncio.create_task(connection.gone())
        self._working.add(work)
        try:
            await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watch.cancel()
            work.cancel()
            await asyncio.wait({work, watch})
            self._working.discard(work)
            self._journal.leave(visit)
        if work.cancelled():
            await connection.abort()
        else:
            work.result()

    def stop(self) -> None:
        """End all work in progress; its clients see the connection close."""
        for work in self._working:
            work.cancel()

    async def _serve(self, raw: bytes, connection: Connection, visit: Visit) -> None:
        try:
            visit.request = parse_request(raw)
            fault = self._fault(visit.request)
            if fault in (*REFUSALS, "timeout", "drop"):
                await self._fail(fault, visit.request, connection, visit)
            else:
                await self._answer(fault, visit.request, connection, visit)
        except RequestRefused as refused:
            visit.outcome = visit.outcome if visit.outcome != "cancelled" else refused.kind
            self._journal.leave(visit)
            await connection.send_json(refused.body, refused.status, refused.headers)

    def _fault(self, request: ChatRequest) -> str | None:
        if self._windows and request.prompt_tokens > (window_of(request.model) or inf):
            return "context_length"
        fault = self._wanted_fault(request)
        return None if fault == "user_turns" and not request.has_adjacent_user_turns else fault

    def _wanted_fault(self, request: ChatRequest) -> str | None:
        directive = request.directive
        if directive.fault is None:
            return self._faults.draw(request.model, request.fingerprint)
        return directive.fault if self._first_times.is_within(request.fingerprint, directive.times) else None

    async def _fail(self, fault: str, request: ChatRequest, connection: Connection, visit: Visit) -> None:
        if fault == "timeout":
            visit.outcome = fault
            await asyncio.Event().wait()
        await sleep_until(visit.started + (request.directive.delay_s or 0.0))
        visit.outcome = fault
        if fault != "drop":
            raise refusal(fault, request.model, request.prompt_tokens, request.directive.retry_after_s)
        self._journal.leave(visit)
        await connection.abort()

    async def _answer(
        self, fault: str | None, request: ChatRequest, connection: Connection, visit: Visit
    ) -> None:
        answer = self._answers.answer(request, profile_of(request.model))
        if fault == "empty":
            answer = _emptied(answer)
        payload = Payload(request.model, answer)
        times = self._timing(request, payload)
        visit.answer, visit.usage = answer.choices[0].content, answer.usage

        def done() -> None:
            visit.outcome = fault or "ok"
            self._answers.remember(request, answer)
            self._journal.leave(visit)

        if request.stream and fault != "unstreamed":
            await stream(connection, payload, times, visit.started, request.include_usage, fault, done)
            return
        await sleep_until(visit.started + times.total_s)
        done()
        await _send_completion(connection, payload, fault)

    def _timing(self, request: ChatRequest, payload: Payload) -> Timing:
        delay_s = request.directive.delay_s
        if delay_s is None:
            delay_s = self._delays.get(request.model, self._delays.get(own_name(request.model)))
        if delay_s is not None:
            return timing_within(delay_s)
        hidden = max(choice.reasoning_tokens for choice in payload.answer.choices)
        profile = profile_of(request.model)
        return timing(profile, self._speed, hidden, payload.longest, self._seed, *request.key)


async def _send_completion(connection: Connection, payload: Payload, fault: str | None) -> None:
    body = encoded(payload.completion())
    half = body[: len(body) // 2]
    match fault:
        case "malformed":
            await connection.send_whole(half)
        case "truncated":
            await connection.start("application/json", headers={"content-length": str(len(body))})
            await connection.send(half)
            await connection.abort()
        case _:
            await connection.send_whole(body)


def _emptied(answer: Answer) -> Answer:
    """The same answer without a word in it."""
    choices = tuple(
        replace(choice, content="", tool_calls=(), finish_reason="stop") for choice in answer.choices
    )
    usage = answer.usage
    if usage is not None:
        usage = Usage(
            usage.prompt_tokens, usage.reasoning_tokens, usage.cached_tokens, usage.reasoning_tokens
        )
    return replace(answer, choices=choices, usage=usage)
