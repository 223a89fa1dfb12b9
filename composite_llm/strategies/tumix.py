"""TUMIX, tool-use mixture (Chen et al., arXiv 2510.01279).

1. Agents made of one model by different instructions and tools answer side by side, each between `<<<` and `>>>`.
2. In each further round all of them read the question and every answer of the round before, and answer anew.
3. From `min_rounds` on, a judge says whether another round would still change the result (`stop_by: judge`), or the
   votes do (`stop_by: margin`): the same answer led two rounds by `margin` at least. With `both` the votes are looked
   at first, and spare the judge.
4. The answer that most agents came to in the last round is given out; a judge breaks a tie.

An agent that fails sits out the round. Where the judge's verdict cannot be read, the votes decide.

Cost, for A agents and R rounds: R·A calls, up to 2 (or 1) verdicts a round from `min_rounds` to the last but one,
one for a tie, and one more for each turn with tools; in Σ_r A·(q+s+[r>1]·A·o) + verdicts·(q+s+A·o), out R·A·o + …
(q conversation, o an answer, s instructions, in tokens).
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from composite_llm import conventions as c
from composite_llm.engine.run import Call, Reply, Run, Stage
from composite_llm.strategies.parts.agreement import Tally, grouped
from composite_llm.strategies.parts.choosing import key, lettered, picked, said
from composite_llm.strategies.parts.conversation import guided, instructed
from composite_llm.strategies.parts.structured import Shape, in_shape
from composite_llm.strategies.parts.tumix_setup import MARK, REFINE, STOP, TIE, Parameters
from composite_llm.strategies.registry import strategy
from composite_llm.tools.registry import internal_tools
from composite_llm.tools.replies import saying


class Verdict(Shape):
    reasoning: str = ""
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    stop: bool


@strategy("tumix", Parameters, [MARK, REFINE, STOP, TIE])
async def tool_use_mixture(run: Run, parameters: Parameters) -> Reply:
    internal_tools([tool for agent in parameters.seats() for tool in agent.tools])
    run.read_all()
    answers: Sequence[Reply] = []
    rounds: list[Tally] = []
    led: list[str | None] = []
    for number in range(1, parameters.max_rounds + 1):
        async with run.stage("deliberate", f"tumix.round{number}") as stage:
            heard = await answered(run, parameters, stage, answers)
            if not heard:  # nobody this time: what was said before stands
                break
            answers = heard
            keys = [key(answer, parameters.by) for answer in answers]
            rounds.append(grouped(keys))
            led.append(keys[rounds[-1].winner])
            note(stage, parameters, number, rounds[-1], answers)
        if parameters.min_rounds <= number < parameters.max_rounds and await stops(
            run, parameters, answers, rounds, led
        ):
            break
    return await chosen(run, parameters, answers, rounds[-1])


async def answered(run: Run, parameters: Parameters, stage: Stage, before: Sequence[Reply]) -> list[Reply]:
    messages = run.messages
    if before:
        shown = lettered([said(answer) for answer in before], parameters.max_answer_chars)
        messages = guided(run, run.told(REFINE, answers=shown), usually="tail_user")
    # A form the client asks for leaves no room for marks, and can be compared without.
    mark = "" if "response_format" in run.client_parameters else run.told(MARK)
    calls = [
        Call(
            agent.model or run.model,
            instructed(messages, "\n\n".join(filter(None, [agent.prompt, mark]))),
            "agent",
            seat,
            {} if (warmth := parameters.warmth_of(agent)) is None else {"temperature": warmth},
            reads=before,
            internal_tools=agent.tools,
            last=True,
        )
        for seat, agent in enumerate(parameters.seats())
    ]
    return await stage.candidates(calls, at_least=0 if before else 1)


async def stops(
    run: Run,
    parameters: Parameters,
    answers: Sequence[Reply],
    rounds: Sequence[Tally],
    led: Sequence[str | None],
) -> bool:
    """Whether another round would change nothing."""
    by_votes = settled(rounds, led, parameters.margin)
    if parameters.stop_by == "margin" or (parameters.stop_by == "both" and by_votes):
        return by_votes
    async with run.stage("verify", f"tumix.stop{len(rounds)}") as stage:
        shown = lettered([said(answer) for answer in answers], parameters.max_answer_chars)
        messages = guided(run, run.told(STOP, answers=shown), usually="tail_user")
        call = Call(parameters.judge or run.model, messages, "judge", reads=answers)
        verdict = await in_shape(stage, call, Verdict)
        if verdict is None and not stage.degraded:
            stage.degrade("the verdict could not be read; the votes decided")
        stop = verdict.stop if verdict else by_votes
        stage.note(c.TUMIX_STOP, stop)
        if verdict and verdict.confidence is not None:
            stage.note(c.TUMIX_CONFIDENCE, verdict.confidence)
    return stop


def settled(rounds: Sequence[Tally], led: Sequence[str | None], margin: float) -> bool:
    """Whether one answer led the last two rounds, both times by `margin`."""
    if len(rounds) < 2 or led[-1] is None or led[-1] != led[-2]:
        return False
    return all(votes.margin >= margin for votes in rounds[-2:])


async def chosen(run: Run, parameters: Parameters, answers: Sequence[Reply], votes: Tally) -> Reply:
    async with run.stage("vote", "tumix.vote") as stage:
        most = len(votes.groups[0]) if votes.groups else 0
        tied = [answers[group[0]] for group in votes.groups if len(group) == most]
        winner, broken = answers[votes.winner], False
        if len(tied) > 1:
            judge = parameters.judge or run.model
            choice = await picked(run, stage, judge, TIE, tied, parameters.max_answer_chars)
            broken = choice is not None
            winner = tied[choice or 0]
            if not broken:
                stage.degrade(
                    "the judge's verdict on a tie could not be read; the answer asked first was taken"
                )
        stage.note(c.TUMIX_TIE_BROKEN, broken)
        stage.note(c.TUMIX_WINNER, winner.index)
        stage.note(c.TUMIX_WINNER_AGENT, parameters.seats()[winner.index].name)
        return without_marks(winner)


def without_marks(reply: Reply) -> Reply:
    """`<<<42>>>` is `42` to the client."""
    text = reply.answer.message.get("content")
    if not isinstance(text, str) or "<<<" not in text:
        return reply
    return saying(reply, {"content": text.replace("<<<", "").replace(">>>", "")})


def note(stage: Stage, parameters: Parameters, number: int, votes: Tally, answers: Sequence[Reply]) -> None:
    seats = parameters.seats()
    stage.note(c.TUMIX_ROUND, number)
    stage.note(c.TUMIX_AGENTS, [agent.name for agent in seats])
    stage.note(c.TUMIX_CLUSTERS, [len(group) for group in votes.groups])
    stage.note(c.TUMIX_MARGIN, votes.margin)
    stage.note(c.TUMIX_ENTROPY, votes.entropy)
    stage.note(c.TUMIX_COVERAGE, len(answers) / len(seats))
