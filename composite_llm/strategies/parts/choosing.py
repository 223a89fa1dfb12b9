"""Which of several answers is the client's: what each comes to, and which one a judge picks.

A judge reads answers under letters, in an order drawn from the answers themselves: the same answers are always
read in the same order, and over many requests no place in the list earns anything. Each answer stands between
marks that its writer could not know, so that none can pass off words of its own as another answer.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Annotated

from pydantic import AfterValidator, Field, create_model

from composite_llm import conventions as c
from composite_llm.engine.run import Call, Reply, Run, Stage
from composite_llm.request.prompts import Prompt
from composite_llm.strategies.parts.agreement import By, key_of
from composite_llm.strategies.parts.conversation import cut, guided
from composite_llm.strategies.parts.rankings import label
from composite_llm.strategies.parts.structured import Shape, in_shape
from composite_llm.tools.actions import action_of, canonical, in_words


class Choice(Shape):
    assessment: str = ""
    choice: str


def said(reply: Reply) -> str:
    """An answer in words, with the calls it makes, if it calls tools."""
    return in_words(reply.answer.message)


def key(reply: Reply, by: By) -> str | None:
    """Equal for answers that come to the same; None where there is nothing to compare. Of one that calls tools
    that is what it calls, of JSON what it says, however it is written."""
    if action := action_of(reply.answer.message):
        return f"calls {action!r}"
    text = reply.text.strip()
    return key_of(canonical(text) if text.startswith(("{", "[")) else text, by)


async def picked(
    run: Run,
    stage: Stage,
    judge: str,
    prompt: Prompt,
    answers: Sequence[Reply],
    limit: int | None = None,
    **values: str,
) -> int | None:
    """The position in `answers` of the one `judge` picks; None where its verdict cannot be read. One call, and
    one more where its first verdict cannot be read. The order goes on the stage's span."""
    order = drawn_order([said(answer) for answer in answers])
    stage.note(c.JUDGE_ORDER, [answers[place].index for place in order])
    call = judging(run, judge, prompt, [answers[place] for place in order], 0, limit, **values)
    verdict = await in_shape(stage, call, choice_among(len(order)))
    return None if verdict is None else order[letters(len(order)).index(verdict.choice)]


def judging(
    run: Run,
    judge: str,
    prompt: Prompt,
    answers: Sequence[Reply],
    index: int = 0,
    limit: int | None = None,
    **values: str,
) -> Call:
    """A call that is to pick one of `answers`, which stand in it in this order."""
    told = run.told(prompt, answers=lettered([said(answer) for answer in answers], limit), **values)
    messages = guided(run, told, usually="tail_user")
    return Call(judge, messages, "judge", index, reads=answers, last=True)


def lettered(texts: Sequence[str], limit: int | None = None) -> str:
    """The texts under letters, between marks."""
    return between_marks(letters(len(texts)), texts, limit)


def between_marks(names: Sequence[str], texts: Sequence[str], limit: int | None = None) -> str:
    """The texts under names, each cut to `limit` characters, between marks that depend on all of them."""
    mark = _digest(texts)[:8]
    return "\n\n".join(
        f"Answer {name} <{mark}>\n{cut(text, limit)}\n</{mark}>"
        for name, text in zip(names, texts, strict=True)
    )


def drawn_order(texts: Sequence[str]) -> list[int]:
    """Positions in an order that is the same for the same texts."""
    return Random(_digest(texts)).sample(range(len(texts)), len(texts))


def letters(count: int) -> list[str]:
    return [label(position) for position in range(count)]


@cache
def choice_among(count: int) -> type[Choice]:
    """The shape of a verdict on so many answers."""
    known = letters(count)

    def letter(written: str) -> str:
        """`b`, `Answer B` and `"B."` are B."""
        found = written.strip().upper().removeprefix("ANSWER").strip(" \"'.:()")
        if found not in known:
            raise ValueError(f"must be one of {', '.join(known)}")
        return found

    described = Field(json_schema_extra={"enum": [*known]})
    return create_model(
        "Choice", __base__=Choice, choice=(Annotated[str, AfterValidator(letter), described], ...)
    )


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode(errors="replace")).hexdigest()
