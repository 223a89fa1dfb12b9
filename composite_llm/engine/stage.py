"""Where a strategy asks models: calls side by side, and the final call."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from composite_llm import telemetry
from composite_llm.accounting.ledger import Ledger
from composite_llm.caching.panel import Panel
from composite_llm.engine import call_parameters
from composite_llm.engine.asking import asking
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.collection import Outcome, Patience, Tasks, enough_of, in_time
from composite_llm.engine.message_rules import in_language, with_notice
from composite_llm.errors import AllCallsFailed, BudgetExceeded, CallFailed, Settled
from composite_llm.telemetry import Span
from composite_llm.tools.loop import Asking
from composite_llm.tools.vote import voted

if TYPE_CHECKING:
    from composite_llm.engine.run import Run

_SHAPING = ("tools", "functions", "response_format", "n", "logprobs")
"""What a client asks of its answer that no member was told of, so that no member's can be given out."""


@dataclass(slots=True)
class Stage:
    """One phase of a strategy."""

    run: "Run"
    kind: str
    name: str
    span: Span
    ledger: Ledger
    widest: int = 0
    """The most calls it had side by side."""
    asked: int = 0
    answered: int = 0
    left_behind: int = 0
    """Calls that were not waited for to the end."""
    unpaid: int = 0
    """Calls side by side that have not reserved their part of the budget yet."""
    degraded: bool = False

    async def together(
        self,
        calls: Sequence[Call],
        *,
        at_least: int = 1,
        settled: Callable[[Sequence[Reply]], bool] | None = None,
    ) -> list[Reply]:
        """Ask all at once: the usable answers, in the order of `calls`; AllCallsFailed below `at_least`.

        Answers are waited for as the options say. `settled` ends the wait once it is true of the answers
        so far, because more of them would change nothing.
        """
        if self.run.tooling.votes:
            return await voted(self, calls)
        members = self.run.tooling.members(calls)
        replies = self.run.panel.replayed(self.name, members)
        if replies is None:
            replies = await self.gather(members, at_least=at_least, settled=settled)
            self.run.panel.hear(self.name, members, replies)
        else:  # what was missing then is missing now
            self._note_missing(replies, len(members), self._quorum_of(members), settled)
        self.run.tell_of_panel()
        return replies

    async def candidates(
        self,
        calls: Sequence[Call],
        *,
        at_least: int = 1,
        settled: Callable[[Sequence[Reply]], bool] | None = None,
    ) -> list[Reply]:
        """Like `together`, where one of the answers is the client's: each is asked as the final call is, with the
        client's parameters and tools, and its calls come back with it. None streams: the one chosen is replayed.

        They are asked anew in each request of a tool loop, and no vote is held before them.
        """
        self.run.tooling.close_vote(words_won=False)
        self.run.panel = Panel(None)
        asked = [self.run.tooling.final(self._in_language(self._candidate(call))) for call in calls]
        return await self.gather(asked, at_least=at_least, settled=settled)

    async def gather(
        self,
        calls: Sequence[Call],
        *,
        at_least: int = 1,
        settled: Callable[[Sequence[Reply]], bool] | None = None,
    ) -> list[Reply]:
        """What `together` does where the calls are made."""
        run, options = self.run, self.run.options
        self.widest = max(self.widest, len(calls))
        self.asked += len(calls)
        self.unpaid += len(calls)
        quorum = self._quorum_of(calls)
        asked = [asking(self, call_parameters.inner(run, call)) for call in calls]
        tasks = [asyncio.create_task(call.run()) for call in asked]
        patience = Patience(
            quorum=quorum,
            grace_s=options.grace_s,
            part_ends=time.monotonic() + run.seconds_left() / 2,
            needed=0 if options.on_all_failed == "direct" else at_least,
            settled=settled,
        )
        await enough_of(tasks, patience)
        self.unpaid = 0  # who has not paid by now will not: its answer was known, or nobody waits for it
        outcomes = self._outcomes(asked, tasks)
        return self._usable(outcomes, quorum=quorum, at_least=at_least, settled=settled)

    async def final(self, call: Call, *, instead: Reply | None = None, live: bool = True) -> Reply:
        """Ask for the answer the client gets, with the client's own parameters.

        `instead` is given out where the call fails and nothing of it has been. With `live` false a stream waits for
        the whole of it, because part of it is not the client's.
        Raises CallFailed, BudgetExceeded, and Settled where one of the answers it would read is given out.
        """
        self.widest = max(self.widest, 1)
        self.asked += 1
        if self.run.notice:
            call = replace(call, messages=with_notice(call.messages, self.run.notice))
        call = self.run.tooling.final(call_parameters.final(self.run, self._in_language(call)))
        asked = asking(self, call, final=True, live=live)
        outcome = await (in_time(asked, self.run.seconds_left()) if instead else asked.run())
        if isinstance(outcome, Reply):
            self.answered += 1
            return outcome
        if instead and not (self.run.sink and self.run.sink.spoke_at is not None):
            self.degrade(f"{outcome}; the answer before it was given out instead")
            return instead
        if outcome.outcome != "budget":
            raise outcome
        if not call.reads:
            raise BudgetExceeded(f"{call.role} {call.model}", self.run.budget.described)
        self.degrade(f"{outcome}; an answer it would have read was given out instead")
        raise Settled(call.reads[0])

    def note(self, key: str, value: Any) -> None:
        """Write something the strategy found out on this stage's span; `key` is one of `conventions`."""
        telemetry.write_note(self.span, key, value)

    def note_all(self, found: Mapping[str, Any]) -> None:
        for key, value in found.items():
            self.note(key, value)

    def degrade(self, why: str) -> None:
        """The answer is built on less than was asked for; the span and the receipt say so."""
        self.degraded = True
        self.run.degraded.append(f"{self.name}: {why}")

    def sharing(self) -> int:
        """As many calls as share what is left of the budget now."""
        return max(1, self.unpaid)

    def end(self, moment_ns: int) -> None:
        """The stage was over at `moment_ns`; calls it left behind may have ended since, and count."""
        telemetry.write_rollup(self.span, self.ledger)
        telemetry.write_fan_out(self.span, self.widest, self.asked, self.answered, self.left_behind)
        telemetry.write_degraded(self.span, self.degraded)
        self.span.end(moment_ns)

    def _candidate(self, call: Call) -> Call:
        return replace(call, candidate=True, internal_tools=self.run.tooling.internal_tools_of(call))

    def _in_language(self, call: Call) -> Call:
        language = self.run.options.language
        return replace(call, messages=in_language(call.messages, language)) if language else call

    def _quorum_of(self, calls: Sequence[Call]) -> int:
        return min(self.run.options.min_responses or len(calls), len(calls))

    def _outcomes(self, asked: Sequence[Asking], tasks: Tasks) -> list[Outcome]:
        """What became of each call; those still running are left to the run, which ends them when it ends."""
        behind = [task for task in tasks if not task.done()]
        self.run.left_behind.calls.extend(behind)
        self.left_behind += len(behind)
        return [
            task.result() if task.done() else call.leave_behind()
            for call, task in zip(asked, tasks, strict=True)
        ]

    def _usable(
        self,
        outcomes: Sequence[Outcome],
        *,
        quorum: int,
        at_least: int,
        settled: Callable[[Sequence[Reply]], bool] | None,
    ) -> list[Reply]:
        replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
        failed = [outcome for outcome in outcomes if isinstance(outcome, CallFailed)]
        self.answered += len(replies)
        if len(replies) < at_least:
            raise AllCallsFailed(self.name, failed)
        if failed:
            telemetry.warn(self.span, "; ".join(map(str, failed)))
        self._note_missing(replies, len(outcomes), quorum, settled)
        if len(replies) == 1 < len(outcomes) and self._gives_out_survivors():
            raise Settled(replies[0])
        return replies

    def _note_missing(
        self,
        replies: Sequence[Reply],
        asked: int,
        quorum: int,
        settled: Callable[[Sequence[Reply]], bool] | None,
    ) -> None:
        by_choice = settled is not None and settled(replies)
        if len(replies) < quorum and not by_choice:
            self.degrade(f"{len(replies)} of {asked} answered")
            self.run.tell_of_missing(asked - len(replies), asked)

    def _gives_out_survivors(self) -> bool:
        wanted = self.run.options.single_survivor == "return" and self.kind == "propose"
        return wanted and not any(name in self.run.client_parameters for name in _SHAPING)
