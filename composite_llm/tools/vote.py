"""Members vote on the next step: `tool_policy="vote"`.

All of them get the client's tools. What most would do is done: calls go to the client, or are run here and
the members asked again; words go on to the rest of the strategy, whose final model then only writes. In a
tie the final model decides, and reads what each of them would do.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from composite_llm import conventions as c
from composite_llm.engine.calls import Call, Reply
from composite_llm.errors import Settled
from composite_llm.tools.actions import Action, Tally, in_words, tally
from composite_llm.tools.box import Toolbox
from composite_llm.tools.calls import as_sent_back, tool_calls
from composite_llm.tools.running import Runner

if TYPE_CHECKING:
    from composite_llm.engine.stage import Stage


async def voted(stage: "Stage", calls: Sequence[Call]) -> list[Reply]:
    """Answers in words for the rest of the strategy. Raises Settled with calls that are for the client."""
    run, tooling = stage.run, stage.run.tooling
    runner = Runner(stage, Toolbox.of([], tooling.options.tool_executor, tooling.clients))
    while True:
        allowed = not runner.used_up
        replies = await stage.gather(tooling.voters(calls, allowed=allowed))
        votes = tally([reply.answer.message for reply in replies])
        _note(stage, votes, replies)
        if not votes.winner:
            break
        chosen = replies[votes.voters[votes.winner][0]]
        if runner.box.empty:
            raise Settled(chosen)
        if (
            not allowed
        ):  # some servers take no `tool_choice`: their models would vote for calls without an end
            break
        made = tool_calls(chosen.answer.message)
        tooling.turns += [as_sent_back(chosen.answer.message), *await runner.results(made)]
    run.messages = [*run.messages, *tooling.close_vote(words_won=votes.winner == ())]
    if votes.winner == ():
        return [replies[position] for position in votes.voters[()]]
    return [_worded(reply) for reply in replies]


def _worded(reply: Reply) -> Reply:
    choice, *others = reply.answer.choices
    message = {"role": "assistant", "content": in_words(choice.message)}
    return replace(reply, answer=replace(reply.answer, choices=[replace(choice, message=message), *others]))


def _note(stage: "Stage", votes: Tally, replies: Sequence[Reply]) -> None:
    """Who wanted what. Of arguments only a digest, since they are content."""
    outcome = "tie" if votes.winner is None else "tools" if votes.winner else "words"
    ballots = [
        {
            "tools": [name for name, _ in action],
            "arguments": _digest(action),
            "members": [replies[position].index for position in positions],
        }
        for action, positions in votes.voters.items()
    ]
    stage.note(c.VOTE_OUTCOME, outcome)
    stage.note(c.VOTE_BALLOTS, ballots)


def _digest(action: Action) -> str:
    return hashlib.sha256(repr(action).encode()).hexdigest()[:8] if action else ""
