"""Multi-agent debate (Du et al., arXiv 2305.14325).

1. Every agent answers by itself.
2. In each further round every agent reads, in a thread of its own, what the others said last, and answers anew. All
   do so at the same time. One agent alone goes over its own answer.
3. What they come to decides: a vote (as in the paper), a judge that picks one, or a summary that one model writes.

`stop_on_consensus` ends the rounds once all agree. `topology` says who hears whom, and so what a round costs.
An agent that does not answer in a round keeps the answer it gave before.

Evidence is mixed: three diverse models in four rounds reached 91 % on GSM8K where three of one kind reached 82 %
(arXiv 2410.12853), and one agent with a strong prompt nearly equals the best debates (arXiv 2402.18272).

Cost, for N agents and R rounds: N·R calls, in Σ_r N·(q+(r−1)·(o+s+(N−1)·o)), out N·R·o; `judge` and `summarize`
one call more that reads q+s+N·o (q conversation, o an answer, s instructions, in tokens). Where all agree at once
it is N calls. With `ring` an agent reads 2 answers a round instead of N−1, with `groups` those of its group.
"""

from composite_llm.content import Message
from composite_llm.engine.run import Call, Reply, Run, Stage
from composite_llm.strategies.parts.choosing import lettered, picked, said
from composite_llm.strategies.parts.conversation import Messages, guided, instructed
from composite_llm.strategies.parts.debate_setup import ANSWER, PICK, RECHECK, REVISE, SUMMARIZE, Parameters
from composite_llm.strategies.parts.standing import Standing
from composite_llm.strategies.parts.topology import heard_by
from composite_llm.strategies.registry import strategy

Threads = dict[int, Messages]
"""By seat the conversation with its agent, up to what it answered or is to answer."""


@strategy("debate", Parameters, [ANSWER, REVISE, RECHECK, PICK, SUMMARIZE])
async def debate(run: Run, parameters: Parameters) -> Reply:
    if parameters.decide != "summarize":
        run.read_all()  # any agent's answer may be the client's
    opening = instructed(run.messages, run.told(ANSWER))
    seats = parameters.seats(run.model)
    standing, answered = Standing(parameters.by, len(seats)), Threads()
    asked: Threads = {seat: member.reads(opening) for seat, member in enumerate(seats)}
    for number in range(1, parameters.rounds + 1):
        async with run.stage("deliberate", f"debate.round{number}") as stage:
            replies = await ask(run, parameters, stage, asked, standing)
            standing.hear(replies, stage)
        answered |= {reply.index: asked[reply.index] for reply in replies}
        if not replies or (parameters.stop_on_consensus and standing.agreed):
            break
        asked = {seat: revised(run, parameters, answered[seat], seat, standing) for seat in answered}
    return await decide(run, parameters, standing)


async def ask(
    run: Run, parameters: Parameters, stage: Stage, threads: Threads, standing: Standing
) -> list[Reply]:
    """All at the same time. Of a round after the first nobody need answer: there are answers already."""
    seats, temperature = parameters.seats(run.model), parameters.agent_temperature
    sampling = {} if temperature is None else {"temperature": temperature}
    calls = [
        Call(
            seats[seat].model,
            thread,
            "agent",
            seat,
            sampling | seats[seat].parameters,
            reads=[standing.last[other] for other in heard(parameters, seat, standing)],
            last=parameters.decide != "summarize",
        )
        for seat, thread in threads.items()
    ]
    together = stage.together if parameters.decide == "summarize" else stage.candidates
    return await together(calls, at_least=0 if standing.last else 1)


def revised(
    run: Run, parameters: Parameters, thread: Messages, seat: int, standing: Standing
) -> list[Message]:
    """An agent's thread, with its own last answer and what it hears of the others'."""
    others = [said(standing.last[other]) for other in heard(parameters, seat, standing)]
    told = run.told(REVISE, answers=lettered(others, parameters.max_answer_chars))
    own = {"role": "assistant", "content": said(standing.last[seat])}
    return [*thread, own, {"role": "user", "content": told if others else run.told(RECHECK)}]


def heard(parameters: Parameters, seat: int, standing: Standing) -> list[int]:
    """The others whose last answers this agent reads next; nobody in the first round."""
    if not standing.rounds:
        return []
    seats = heard_by(
        seat, parameters.topology, parameters.group_size, standing.rounds, standing.results_by_seat
    )
    return [other for other in seats if other in standing.last]


async def decide(run: Run, parameters: Parameters, standing: Standing) -> Reply:
    answers, leader = standing.answers, standing.answers[standing.votes.winner]
    decider, limit = parameters.decider or run.model, parameters.max_answer_chars
    if parameters.decide == "summarize":
        async with run.stage("synthesize", "debate.summary") as stage:
            standing.note(stage, None)
            told = run.told(SUMMARIZE, answers=lettered([said(answer) for answer in answers], limit))
            best_first = sorted(answers, key=lambda answer: answer is not leader)
            messages = guided(run, told, usually="tail_user")
            return await stage.final(Call(decider, messages, "summarizer", reads=best_first), instead=leader)
    judged = parameters.decide == "judge" and len(answers) > 1 and not standing.agreed
    kind, name = ("rank", "debate.judge") if judged else ("vote", "debate.vote")
    async with run.stage(kind, name) as stage:
        if judged:
            choice = await picked(run, stage, decider, PICK, answers, limit)
            if choice is None:
                stage.degrade("the judge's verdict could not be read; the vote decided")
            else:
                leader = answers[choice]
        standing.note(stage, leader)
        return leader
