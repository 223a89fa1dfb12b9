"""Steps that judge answers: votes, marks, and a critic whose remarks are worked in."""

from collections.abc import Sequence

from composite_llm import conventions as c
from composite_llm.engine.calls import Call, Reply
from composite_llm.engine.run import Stage
from composite_llm.graph.asking import Asked, writing
from composite_llm.graph.instructions import CRITIQUE, REWRITE, SCORE, VOTE
from composite_llm.graph.results import Result
from composite_llm.graph.steps import Reflect, Score, Vote
from composite_llm.graph.verdicts import SCORE_SCHEMA, Verdict, read_verdict, response_format
from composite_llm.strategies.parts import critique, structured
from composite_llm.strategies.parts.agreement import tally
from composite_llm.strategies.parts.choosing import lettered
from composite_llm.strategies.parts.rankings import label, mean_ranks, ranking_schema, read_ranking


async def vote(asked: Asked, step: Vote) -> Result:
    """The chosen answer. Without voters nobody is asked: equal answers are counted."""
    answers = asked.replies_of(step.vote)
    async with asked.stage() as stage:
        if step.voters and len(answers) > 1:
            winner, agreement = await _ranked(asked, step, stage, answers)
        else:
            counted = tally([answer.text for answer in answers], step.by)
            winner, agreement = counted.winner, counted.agreement
        stage.note(c.GRAPH_FOUND, {"winner": answers[winner].index, "agreement": agreement})
    return Result([answers[winner]], found={"agreement": agreement})


async def _ranked(asked: Asked, step: Vote, stage: Stage, answers: Sequence[Reply]) -> tuple[int, float]:
    """The position of the answer with the best mean rank, and how near to first on every ballot it is."""
    letters = [label(position) for position in range(len(answers))]
    shown = lettered([answer.text for answer in answers])
    messages = asked.told(step.prompt or VOTE, needed=("answers",), answers=shown)
    ballots = await stage.together(
        [
            Call(model, messages, "voter", seat, {"response_format": ranking_schema(letters)}, answers)
            for seat, model in enumerate(step.voters or ())
        ],
        at_least=0,
    )
    places = list(range(len(answers)))
    rankings = [
        ([letters.index(letter) for letter in read_ranking(ballot.text, letters).labels], places)
        for ballot in ballots
    ]
    means = mean_ranks([(ranking, members) for ranking, members in rankings if ranking])
    if not means:
        return 0, 0.0
    winner, mean = next(iter(means.items()))
    return winner, (len(answers) - mean) / (len(answers) - 1)


async def score(asked: Asked, step: Score) -> Result:
    """The best answer. One whose mark cannot be read is behind all that have one."""
    answers = asked.replies_of(step.score)
    judge = asked.model(step.model)
    async with asked.stage() as stage:
        judged = await stage.together(
            [
                Call(
                    judge,
                    asked.told(
                        step.prompt or SCORE, needed=("answer",), answer=answer.text, criteria=step.criteria
                    ),
                    "judge",
                    position,
                    response_format("score", SCORE_SCHEMA),
                    [answer],
                )
                for position, answer in enumerate(answers)
            ],
            at_least=0,
        )
        given = {verdict.index: read_verdict(verdict.text) for verdict in judged}
        marks = [given.get(position, Verdict("")).score for position in range(len(answers))]
        best = max(range(len(answers)), key=lambda position: (marks[position] or -1.0, -position))
        stage.note(c.GRAPH_FOUND, {"scores": marks, "best": answers[best].index})
    feedback = given.get(best, Verdict("")).feedback
    return Result([answers[best]], found={"score": marks[best], "feedback": feedback})


async def reflect(asked: Asked, step: Reflect, *, final: bool) -> Result:
    """The draft, mended once a round until the critic is satisfied, or as it was where nobody mends it.

    The last round's rewriting is the final call. A draft the critic is satisfied with before that was
    written without the client's own parameters.
    """
    [draft] = asked.results[step.reflect].replies[:1] or [None]
    assert draft, "checked when the mode was read: a reflect step has one answer to work on"
    remarks, satisfied, rounds = "", False, 0
    while rounds < step.rounds and not satisfied:
        rounds += 1
        remarks, satisfied = await _critique(asked, step, draft, rounds)
        if not satisfied and remarks:
            draft = await _rewrite(asked, step, draft, remarks, rounds, final=final and rounds == step.rounds)
    found = {"satisfied": satisfied, "rounds": rounds, "feedback": remarks}
    return Result([draft], found=found)


async def _critique(asked: Asked, step: Reflect, draft: Reply, number: int) -> tuple[str, bool]:
    """The critic's remarks, and whether it is satisfied. No remarks where it does not answer: a draft is better
    than none. What is no JSON is remarks all the same."""
    messages = asked.told(step.critique_prompt or CRITIQUE, needed=("draft",), draft=draft.text)
    async with asked.stage("critique", f".critique{number}") as stage:
        parameters = structured.response_format(critique.Critique)
        critiques = await stage.together(
            [Call(asked.model(step.critic), messages, "critic", 0, parameters, [draft])], at_least=0
        )
        text = critiques[0].text if critiques else ""
        found = structured.read(text, critique.Critique)
        issues = found.to_mend() if found else []
        satisfied = found is not None and not issues
        stage.note_all(critique.noted(found, issues))
        stage.note(c.GRAPH_FOUND, {"satisfied": satisfied})
    return critique.remarks(issues) if found else text.strip(), satisfied


async def _rewrite(
    asked: Asked, step: Reflect, draft: Reply, remarks: str, number: int, *, final: bool
) -> Reply:
    messages = asked.told(
        step.prompt or REWRITE, needed=("draft", "feedback"), draft=draft.text, feedback=remarks
    )
    async with asked.stage("rewrite", f".rewrite{number}") as stage:
        call = Call(asked.model(step.model), messages, "rewriter", 0, {}, [draft])
        if final:
            written = await stage.final(call, instead=draft)
        else:
            [written] = await stage.together([writing(stage, call)], at_least=0) or [draft]
        if written is not draft:
            stage.note_all(critique.noted_change(draft.text, written.text))
        return written
