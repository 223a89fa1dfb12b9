"""Answers used again for exactly the same question: the option `cache`.

The key is over everything an answer depends on, and over who asks, so that one client's answers are never
another's. What comes from here is a span and a line in the receipt like any call, with the outcome `cached`,
a cost of 0 and no usage: it was paid for by the call its span links to.
"""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from composite_llm import settings, telemetry
from composite_llm.accounting.ledger import CallRecord
from composite_llm.caching import kept
from composite_llm.caching.folder import Folder
from composite_llm.caching.keys import key_of
from composite_llm.caching.memory import Memory
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.own_thread import on_own_thread
from composite_llm.errors import CallFailed
from composite_llm.request.groups import Groups
from composite_llm.request.options import Cache
from composite_llm.request.route import COMPOSITE_PREFIX, route

if TYPE_CHECKING:
    from composite_llm.engine.stage import Stage
    from composite_llm.tools.loop import Asking

_memory = Memory()
_folder = cache(Folder)

_OF_PROVIDERS = ("_API_KEY", "_API_BASE", "_BASE_URL")


@dataclass(frozen=True, slots=True)
class Answers:
    """What one request may use of them, and add."""

    wanted: Cache
    about: Sequence[Any]
    """What every key of this request is over: how it is run, and for whom."""

    def key(self, stage: str, call: Call, groups: Groups) -> str | None:
        """None where this is not to be kept, or has no sure key. A composite inside keeps its calls itself.

        The deployments of a Router are told apart by what the whole key is `about`.
        """
        if not self.wanted.panel or call.model.startswith(COMPOSITE_PREFIX):
            return None
        names = [(call.model, way.name, way.api_base) for way in groups.ways(call.model)]
        asked = (stage, call.role, call.index, names, call.messages, dict(call.parameters))
        return key_of("call", self.about, asked, list(call.internal_tools), _environment())

    def key_of_request(self, messages: Sequence[Any], parameters: Mapping[str, Any]) -> str | None:
        simulator = settings.load().simulator
        if not self.wanted.response:
            return None
        return key_of("request", self.about, simulator, messages, dict(parameters), _environment())

    async def known(self, key: str) -> dict[str, Any] | None:
        text = _memory.get(key)
        if text is None and (folder := settings.load().cache):
            text = await on_own_thread(lambda: _opened(folder).get(key))
        return None if text is None else kept.from_text(text)

    async def keep(self, key: str, reply: Reply) -> None:
        text = kept.as_text(kept.packed(reply))
        if text is None or reply.call.model.startswith(COMPOSITE_PREFIX):
            return
        ttl_s = self.wanted.ttl_s
        _memory.put(key, text, ttl_s)
        if folder := settings.load().cache:
            await on_own_thread(lambda: _opened(folder).put(key, text, ttl_s))


def _environment() -> list[tuple[str, str]]:
    """Keys and addresses of providers: on disk an answer may meet a process that has others."""
    return sorted(entry for entry in os.environ.items() if entry[0].endswith(_OF_PROVIDERS))


def _opened(folder: Path) -> Folder:
    return _folder(folder)


@dataclass(slots=True)
class CachedCall:
    """A call that is asked only if its answer is not known."""

    stage: "Stage"
    call: Call
    key: str
    asking: "Asking"
    _left_behind: bool = False

    async def run(self) -> Reply | CallFailed:
        answers = self.stage.run.answers
        if (known := await answers.known(self.key)) is not None:
            self.stage.unpaid -= 1  # it leaves its part of the budget to the others
            return booked(self.stage, kept.unpacked(known, self.call), known["model"])
        if self._left_behind:
            return self.asking.leave_behind()
        outcome = await self.asking.run()
        if isinstance(outcome, Reply):
            await answers.keep(self.key, outcome)
        return outcome

    def leave_behind(self) -> CallFailed:
        self._left_behind = True
        return self.asking.leave_behind()


def booked(stage: "Stage", reply: Reply, model: str) -> Reply:
    """A span and a line in the books for an answer that is used again; `model` gave it."""
    began, way, call = time.monotonic(), route(model), reply.call
    span = telemetry.cached_call_span(
        stage.run.identity,
        stage.span,
        way,
        role=call.role,
        index=call.index,
        earned_by=reply.span_context,
    )
    telemetry.write_request_parameters(span, call.parameters)
    telemetry.write_input(span, call.messages, as_call=True)
    telemetry.write_output(span, reply.answer.choices, as_call=True)
    telemetry.write_cache_hit(span)
    span.end()
    stage.ledger.book(
        CallRecord(
            stage=stage.name,
            role=call.role,
            index=call.index,
            attempt=1,
            model=way.name,
            outcome="cached",
            seconds=time.monotonic() - began,
            usage=None,
            cost=kept.FREE,
            simulated=way.simulated,
        )
    )
    return Reply(call, reply.answer, span.get_span_context())
