"""The SQL behind a question on ClickHouse: the server runs it and gives as many rows as the question."""

import pytest

from collector.queries import QUESTIONS
from collector.question_text import question_text
from collector.spans import otlp
from collector.store import statements
from collector.store.duckdb.cancellation import Cancellation
from tests.collector.question_examples import EXAMPLES
from tests.otlp_traces import all_traces, export_request


@pytest.fixture(scope="module")
def landed(opened):
    store = opened()
    store.land(otlp.batch_of(export_request(all_traces())))
    return store


@pytest.mark.parametrize("name", statements.query_names())
def test_the_sql_behind_a_question_runs_and_gives_its_rows(name, landed):
    question = QUESTIONS[name]
    parameters = EXAMPLES[question.parameters]

    text = question_text(landed, landed, name, question, parameters)
    by_hand = landed.sql(text.sql, {}, row_limit=10_000, seconds=60, cancellation=Cancellation()).table

    if not text.note:
        assert by_hand.num_rows == question.answer(landed, parameters).num_rows
