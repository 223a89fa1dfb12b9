"""A named question as SQL that somebody can read, change and run: what the figures of a chart are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn, cast

import pyarrow as pa

from collector.errors import QuestionError
from collector.parameters import Parameters
from collector.queries import Question
from collector.store import statements
from collector.store.interface import Answers, TraceStore

WORKED_ON = "The figures are worked out from these rows."
PUT_TOGETHER = (
    "The figures are worked out from these rows, and from those of the other statements the question asks."
)
HOW: Mapping[str, str] = {
    "oddities": "The question asks this a stretch of time after the other, adds up, and says what each kind means.",
    "span_detail": "The question puts the texts of content back among the attributes.",
    "trace_spans": "The question puts these rows in the order of the tree, and adds depth, self time and orphans.",
}


@dataclass(frozen=True, slots=True)
class QuestionText:
    sql: str
    note: str
    """What is done with the rows after they were read; empty where they are the answer as it is."""


class _RowsWanted(Exception):
    """The question goes on from rows that nobody read."""


class _Unread:
    """In place of a table: what hands it on unchanged never looks at it."""

    def __getattr__(self, _: str) -> NoReturn:
        raise _RowsWanted

    def __getitem__(self, _: object) -> NoReturn:
        raise _RowsWanted


class _Overheard:
    """Answers what has to be known before, and keeps the question's own statement; without one, the first."""

    def __init__(self, answers: Answers, name: str) -> None:
        self._answers = answers
        self._name = name if name in statements.query_names() else None
        self.asked: tuple[str, Mapping[str, object]] | None = None

    def ask(self, name: str, parameters: Mapping[str, object]) -> pa.Table:
        if self.asked:
            raise _RowsWanted
        if self._name in (name, None):
            self.asked = name, parameters
            return cast("pa.Table", _Unread())
        return self._answers.ask(name, parameters)


def question_text(
    store: TraceStore, answers: Answers, name: str, question: Question, parameters: Parameters
) -> QuestionText:
    """The statement as this store's engine reads it, its parameters as literals. It is not run."""
    overheard = _Overheard(answers, name)
    try:
        is_plain = isinstance(question.answer(overheard, parameters), _Unread)
    except _RowsWanted:
        is_plain = False
    if overheard.asked is None:
        raise QuestionError(f"{name} asks the store nothing for these parameters")
    return QuestionText(store.statement(*overheard.asked).strip(), _note(name, is_plain))


def _note(name: str, is_plain: bool) -> str:
    if name not in statements.query_names():
        return PUT_TOGETHER
    return "" if is_plain else HOW.get(name, WORKED_ON)
