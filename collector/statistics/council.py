"""Councils: how far reviewers agree, whom they prefer, and what moves them besides the answers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import pyarrow as pa

from collector.parameters import RunsOf
from collector.statistics.observed import Finding, Observed, as_table
from collector.statistics.rank_statistics import Ranks, correlation, kendall_w, mean_tau, ranks_of
from collector.store.interface import Answers
from composite_llm import conventions as c

RUNS = pa.schema(
    [
        ("trace_id", pa.string()),
        ("start_ns", pa.int64()),
        ("members", pa.int64()),
        ("reviews", pa.int64()),
        ("abstained", pa.int64()),
        ("read_as_json", pa.int64()),
        ("read_as_text", pa.int64()),
        ("kendall_w", pa.float64()),
        ("mean_tau", pa.float64()),
        ("position_bias", pa.float64()),
        ("winner", pa.string()),
        ("review_tokens_share", pa.float64()),
    ]
)
MEMBERS = pa.schema(
    [
        ("model", pa.string()),
        ("answers", pa.int64()),
        ("wins", pa.float64()),
        ("win_rate", pa.float64()),
        ("mean_rank", pa.float64()),
        ("borda", pa.float64()),
        ("reviews", pa.int64()),
        ("abstained", pa.int64()),
        ("self_preference", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Ballot:
    reviewer: int
    order: Sequence[int]
    """Members as the reviewer read them."""
    ranking: Sequence[int]
    found_in: str

    @property
    def ranks(self) -> Ranks:
        return ranks_of(self.ranking, self.order)


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
    review_tokens_share (of the run's tokens)."""
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
    return list(_ballots(finding.json(c.COUNCIL_BALLOTS, list) or []))


def _ballots(told: Sequence[Any]) -> Iterator[Ballot]:
    for each in told:
        match each:
            case {
                "reviewer": int(reviewer),
                "members": [*order],
                "ranking": [*ranking],
                "found_in": str(found_in),
            }:
                if set(map(type, [*order, *ranking])) <= {int} and set(ranking) <= set(order):
                    yield Ballot(reviewer, order, list(dict.fromkeys(ranking)), found_in)
            case _:
                continue


def _run(observed: Observed, finding: Finding) -> dict[str, Any]:
    ballots = ballots_in(finding)
    ranked = [ballot for ballot in ballots if ballot.ranking]
    models = observed.models(finding.trace_id, "member")
    winners = _winners(ranked)
    places = [
        (float(place), ballot.ranks[member]) for ballot in ranked for place, member in enumerate(ballot.order)
    ]
    found_in = Counter(ballot.found_in for ballot in ballots)
    calls = observed.calls_of(finding.trace_id)
    tokens = sum(call.input_tokens + call.output_tokens for call in calls)
    reviewing = sum(call.input_tokens + call.output_tokens for call in calls if call.role == "reviewer")
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
        "review_tokens_share": reviewing / tokens if tokens else None,
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
    named = observed.models(finding.trace_id, "member")
    reviewers = observed.models(finding.trace_id, "reviewer")
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
