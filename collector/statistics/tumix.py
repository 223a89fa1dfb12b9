"""TUMIX: how agents with different tools draw together, and whose answers win."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import LONGEST, Finding
from collector.statistics.observed import Call, Observed, SpanKey, as_table
from collector.statistics.spent import REAL, SPENT, TEXT, TRUTH, WHOLE, Spent
from collector.statistics.tallies import last, share
from collector.store.interface import Answers
from composite_llm import conventions as c

RUNS = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "rounds": WHOLE,
        "first_margin": REAL,
        "last_margin": REAL,
        "first_entropy": REAL,
        "last_entropy": REAL,
        "coverage": REAL,
        "confidence": REAL,
        "tie_broken": TRUTH,
        "winner_agent": TEXT,
        **SPENT,
    }
)
AGENTS = pa.schema({"agent": TEXT, "runs": WHOLE, "wins": WHOLE, "win_share": REAL, **SPENT})


@dataclass(slots=True)
class _Agent:
    runs: int = 0
    wins: int = 0
    spent: Spent = field(default_factory=Spent)


def tumix_runs(store: Answers, period: RunsOf) -> pa.Table:
    """One row per run that counted answers, in the order of time: trace_id, start_ns (of its first round), rounds,
    first_margin and last_margin (the leader's lead, 0 to 1), first_entropy and last_entropy (bits), coverage (share
    of the agents that answered in the last round), confidence (the judge's last, 0 to 1; null where none asked it),
    tie_broken and winner_agent (null where it did not come to a vote), calls, cost_usd (null if unknown),
    unpriced_calls, input_tokens, output_tokens."""
    observed = Observed.of(store, "tumix", period)
    verdicts, votes = observed.runs(c.TUMIX_STOP), observed.runs(c.TUMIX_WINNER_AGENT)
    rows = (
        _run(observed, run, rounds, verdicts.get(run, []), votes.get(run, []))
        for run, rounds in observed.runs(c.TUMIX_ROUND).items()
    )
    return as_table(rows, RUNS)


def tumix_agents(store: Answers, period: RunsOf) -> pa.Table:
    """One row per agent, the one that wins most first: agent (its name), runs (that had it), wins, win_share (of
    those runs), and of all its calls calls, cost_usd (null if unknown), unpriced_calls, input_tokens,
    output_tokens."""
    observed = Observed.of(store, "tumix", period)
    votes = observed.runs(c.TUMIX_WINNER_AGENT)
    agents: dict[str, _Agent] = {}
    for run, rounds in observed.runs(c.TUMIX_ROUND).items():
        won = votes[run][-1].text(c.TUMIX_WINNER_AGENT) if run in votes else None
        _count(agents, _names(rounds), won, observed.calls_of(run, "agent"))
    rows = [_row(name, agent) for name, agent in agents.items()]
    return as_table(sorted(rows, key=lambda row: (-row["wins"], row["agent"])), AGENTS)


def _run(
    observed: Observed, run: SpanKey, rounds: list[Finding], verdicts: list[Finding], votes: list[Finding]
) -> dict[str, Any]:
    first, final, judged, vote = rounds[0], rounds[-1], last(verdicts, c.TUMIX_CONFIDENCE), votes[-1:]
    return {
        "trace_id": run[0],
        "start_ns": first.start_ns,
        "rounds": max(held.whole(c.TUMIX_ROUND) or 0 for held in rounds),
        "first_margin": first.number(c.TUMIX_MARGIN),
        "last_margin": final.number(c.TUMIX_MARGIN),
        "first_entropy": first.number(c.TUMIX_ENTROPY),
        "last_entropy": final.number(c.TUMIX_ENTROPY),
        "coverage": final.number(c.TUMIX_COVERAGE),
        "confidence": judged.number(c.TUMIX_CONFIDENCE) if judged else None,
        "tie_broken": vote[0].flag(c.TUMIX_TIE_BROKEN) if vote else None,
        "winner_agent": vote[0].text(c.TUMIX_WINNER_AGENT) if vote else None,
        **observed.spent_below(run).columns,
    }


def _names(rounds: list[Finding]) -> list[str]:
    told: list[Any] = rounds[-1].json(c.TUMIX_AGENTS, list) or []
    return [each[:LONGEST] if isinstance(each, str) else "unknown" for each in told]


def _count(agents: dict[str, _Agent], names: list[str], won: str | None, calls: list[Call]) -> None:
    for name in dict.fromkeys(names):
        agent = agents.setdefault(name, _Agent())
        agent.runs += 1
        agent.wins += name == won
    for call in calls:
        name = names[call.index] if 0 <= call.index < len(names) else "unknown"
        agents.setdefault(name, _Agent()).spent.book(call)


def _row(name: str, agent: _Agent) -> dict[str, Any]:
    return {
        "agent": name,
        "runs": agent.runs,
        "wins": agent.wins,
        "win_share": share(agent.wins, agent.runs),
        **agent.spent.columns,
    }
