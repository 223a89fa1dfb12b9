"""What the agents of a debate say, round by round: who agrees, who changed sides. Reads answers, asks nobody."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from composite_llm import conventions as c
from composite_llm.engine.run import Reply, Stage
from composite_llm.strategies.parts.agreement import By, Tally, grouped
from composite_llm.strategies.parts.choosing import key


@dataclass(slots=True)
class Standing:
    by: By
    """What must be equal in two answers for them to agree."""
    seats: int
    last: dict[int, Reply] = field(default_factory=dict[int, Reply])
    """By seat its last answer; a seat that never answered has none."""
    results: dict[int, str | None] = field(default_factory=dict[int, str | None])
    """By seat what that comes to."""
    rounds: int = 0
    flips: int = 0
    followed: int = 0
    consensus_round: int | None = None

    @property
    def answers(self) -> list[Reply]:
        return [self.last[seat] for seat in sorted(self.last)]

    @property
    def votes(self) -> Tally:
        """Over `answers`."""
        return grouped([self.results[seat] for seat in sorted(self.results)])

    @property
    def results_by_seat(self) -> list[str | None]:
        return [self.results.get(seat) for seat in range(self.seats)]

    @property
    def agreed(self) -> bool:
        """Whether there is more than one answer, and all come to the same."""
        votes = self.votes
        return votes.counted > 1 and votes.agreement == 1

    def hear(self, replies: Sequence[Reply], stage: Stage) -> None:
        """The answers of one more round, and what they changed: on the stage's span."""
        before, votes = dict(self.results), self.votes
        led = before[self.answers[votes.winner].index] if votes.groups else None
        now = {reply.index: key(reply, self.by) for reply in replies}
        flipped = [seat for seat, result in now.items() if seat in before and before[seat] != result]
        followed = [seat for seat in flipped if led is not None and now[seat] == led]
        self.last |= {reply.index: reply for reply in replies}
        self.results |= now
        self.rounds += 1
        self.flips += len(flipped)
        self.followed += len(followed)
        if self.agreed and self.consensus_round is None:
            self.consensus_round = self.rounds
        stage.note(c.DEBATE_ROUND, self.rounds)
        stage.note(c.DEBATE_CLUSTERS, [len(group) for group in self.votes.groups])
        stage.note(c.DEBATE_FLIPS, len(flipped))
        stage.note(c.DEBATE_FOLLOWED, len(followed))

    def note(self, stage: Stage, winner: Reply | None) -> None:
        """How it ended; `winner` None where the answer was written from all of them."""
        votes = self.votes
        stage.note(c.DEBATE_ROUNDS, self.rounds)
        stage.note(c.DEBATE_FLIPS, self.flips)
        stage.note(c.DEBATE_FOLLOWED, self.followed)
        stage.note(c.DEBATE_MARGIN, votes.margin)
        stage.note(c.DEBATE_AGREEMENT, votes.agreement)
        if self.consensus_round is not None:
            stage.note(c.DEBATE_CONSENSUS_ROUND, self.consensus_round)
        if winner is not None:
            stage.note(c.DEBATE_WINNER, winner.index)
