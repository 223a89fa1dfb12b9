"""Councils: how far reviewers agree, whom they prefer, and what moves them besides the answers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.finding import Finding
from collector.statistics.observed import Observed, as_table
from collector.statistics.rank_statistics import Ranks, correlation, kendall_w, mean_tau, ranks_of
from collector.statistics.spent import REAL, SPENT, TEXT, WHOLE, Spent
from collector.store.interface import Answers
from composite_llm import conventions as c

RUNS = pa.schema(
    {
        "trace_id": TEXT,
        "start_ns": WHOLE,
        "members": WHOLE,
        "reviews": WHOLE,
        "abstained": WHOLE,
        "read_as_json": WHOLE,
        "read_as_text": WHOLE,
        "kendall_w": REAL,
        "mean_tau": REAL,
        "position_bias": REAL,
        "winner": TEXT,
        "review_tokens_share": REAL,
        **SPENT,
    }
)
MEMBERS = pa.schema(
    {
        "model": TEXT,
        "answers": WHOLE,
        "wins": REAL,
        "win_rate": REAL,
        "mean_rank": REAL,
        "borda": REAL,
        "reviews": WHOLE,
        "abstained": WHOLE,
        "self_preference": REAL,
    }
)
MOST = 64
"""Members, and reviews: many more than any council has. Agreement takes the square of either."""


@dataclass(frozen=True, slots=True)
class Ballot:
    reviewer: int
    order: Sequence[int]
    """Members as the reviewer read them."""
    ranking: Sequence[int]
    found_in: str
    ranks: Ranks


@dataclass(slots=True)
class _Member:
    ranks: list[float] = field(default_factory=list[float])
    borda: list[float] = field(default_factory=list[float])
    by_itself: list[float] = field(default_factory=list[float])
    by_others: list[float] = field(default_factory=list[float])
    answers: int = 0
    wins: float = 0
    reviews: int = 0
    abstained: int = 0


def council_runs(store: Answers, period: RunsOf) -> pa.Table:
    """One row per council that was reviewed, in the order of time: trace_id, start_ns, members (whose answers were
    ranked), reviews, abstained (reviews without a ranking), read_as_json, read_as_text, kendall_w (agreement, 0 to
    1; null where reviewers read different answers), mean_tau (−1 to 1), position_bias (correlation of an answer's
    place in the list with its rank, −1 to 1: above 0 the first were preferred), winner (a model),
    review_tokens_share (of the run's tokens), calls, cost_usd (null if unknown), unpriced_calls, input_tokens,
    output_tokens."""
    observed = Observed.of(store, "council", period)
    return as_table((_run(observed, finding) for finding in observed.with_key(c.COUNCIL_BALLOTS)), RUNS)


def council_members(store: Answers, period: RunsOf) -> pa.Table:
    """One row per model, the best mean rank first: model, answers (that were ranked), wins (best mean rank; a tie is
    shared), win_rate, mean_rank (over reviews; 1 is best), borda (share of the others it was put before, 0 to 1),
    reviews and abstained (as a reviewer), self_preference (mean rank by others minus that by itself: above 0 it
    prefers its own answers; null where it did not rank them)."""
    observed = Observed.of(store, "council", period)
    models: dict[str, _Member] = {}
    for finding in observed.with_key(c.COUNCIL_BALLOTS):
        _add(models, observed, finding)
    rows = [_member_row(model, member) for model, member in models.items()]
    unranked = float("inf")
    return as_table(sorted(rows, key=lambda row: (row["mean_rank"] or unranked, row["model"])), MEMBERS)


def ballots_in(finding: Finding) -> list[Ballot]:
    """Those that make sense: attributes come from anybody."""
    told = finding.json(c.COUNCIL_BALLOTS, list) or []
    return list(_ballots(told[:MOST]))


def _ballots(told: Sequence[Any]) -> Iterator[Ballot]:
    for each in told:
        match each:
            case {
                "reviewer": int(reviewer),
                "members": [*order],
                "ranking": [*ranking],
                "found_in": str(found_in),
            }:
                indices = len(order) <= MOST and set(map(type, [*order, *ranking])) <= {int}
                if indices and set(ranking) <= set(order):
                    once = list(dict.fromkeys(ranking))
                    yield Ballot(reviewer, order, once, found_in, ranks_of(once, order))
            case _:
                continue


def _run(observed: Observed, finding: Finding) -> dict[str, Any]:
    ballots = ballots_in(finding)
    ranked = [ballot for ballot in ballots if ballot.ranking]
    run = observed.run_of(finding.key)
    models = observed.models(run, "member")
    winners = _winners(ranked)
    places = [
        (float(place), ballot.ranks[member]) for ballot in ranked for place, member in enumerate(ballot.order)
    ]
    found_in = Counter(ballot.found_in for ballot in ballots)
    whole, reviewing = observed.spent_below(run), Spent.on(observed.calls_of(run, "reviewer"))
    return {
        "trace_id": finding.trace_id,
        "start_ns": finding.start_ns,
        "members": len({member for ballot in ballots for member in ballot.order}),
        "reviews": len(ballots),
        "abstained": len(ballots) - len(ranked),
        "read_as_json": found_in["json"],
        "read_as_text": found_in["text"],
        "kendall_w": kendall_w([ballot.ranks for ballot in ranked]),
        "mean_tau": mean_tau([ballot.ranks for ballot in ranked]),
        "position_bias": correlation(places),
        "winner": models.get(winners[0], "unknown") if len(winners) == 1 else None,
        "review_tokens_share": reviewing.tokens / whole.tokens if whole.tokens else None,
        **whole.columns,
    }


def _winners(ranked: Sequence[Ballot]) -> list[int]:
    """The members of the best mean rank."""
    given: dict[int, list[float]] = {}
    for ballot in ranked:
        for member, rank in ballot.ranks.items():
            given.setdefault(member, []).append(rank)
    means = {member: fmean(ranks) for member, ranks in given.items()}
    best = min(means.values(), default=0.0)
    return sorted(member for member, mean in means.items() if mean == best)


def _add(models: dict[str, _Member], observed: Observed, finding: Finding) -> None:
    ballots = ballots_in(finding)
    ranked = [ballot for ballot in ballots if ballot.ranking]
    run = observed.run_of(finding.key)
    named, reviewers = observed.models(run, "member"), observed.models(run, "reviewer")
    winners = _winners(ranked)
    for index in sorted({member for ballot in ranked for member in ballot.order}):
        member = models.setdefault(named.get(index, "unknown"), _Member())
        member.answers += 1
        member.wins += 1 / len(winners) if index in winners else 0
    for ballot in ballots:
        reviewer = models.setdefault(reviewers.get(ballot.reviewer, "unknown"), _Member())
        reviewer.reviews += 1
        reviewer.abstained += not ballot.ranking
    for ballot in ranked:
        ranks = ballot.ranks
        for index, rank in ranks.items():
            member = models[named.get(index, "unknown")]
            member.ranks.append(rank)
            if len(ranks) > 1:
                member.borda.append((len(ranks) - rank) / (len(ranks) - 1))
            own = reviewers.get(ballot.reviewer) == named.get(index)
            (member.by_itself if own else member.by_others).append(rank)


def _member_row(model: str, member: _Member) -> dict[str, Any]:
    both = member.by_itself and member.by_others
    return {
        "model": model,
        "answers": member.answers,
        "wins": member.wins,
        "win_rate": member.wins / member.answers if member.answers else None,
        "mean_rank": fmean(member.ranks) if member.ranks else None,
        "borda": fmean(member.borda) if member.borda else None,
        "reviews": member.reviews,
        "abstained": member.abstained,
        "self_preference": fmean(member.by_others) - fmean(member.by_itself) if both else None,
    }
