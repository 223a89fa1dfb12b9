"""The SQL behind a question: run by hand it gives the rows of the answer."""

import pytest

from collector import queries
from collector.client import CollectorClient
from collector.errors import CollectorError
from collector.parameters import TraceFilter, Window
from collector.question_text import question_text
from collector.store import statements
from collector.store.duckdb.cancellation import Cancellation
from collector.store.literals import filled_in, for_clickhouse, for_duckdb
from tests.collector.question_examples import EXAMPLES
from tests.collector.running import EVERYTHING
from tests.otlp_traces import all_traces

HOSTILE = "it's \"; drop table spans; -- $origin \\' \n ü😀 \0 end"


@pytest.fixture
def landed(store, land):
    land(all_traces())
    return store


def text_of(store, name, parameters):
    return question_text(store, store, name, queries.QUESTIONS[name], parameters)


def run_by_hand(store, sql):
    answer = store.sql(sql, {}, row_limit=10_000, seconds=60, cancellation=Cancellation())
    assert not answer.is_cut
    return answer.table


@pytest.mark.parametrize("name", sorted(queries.QUESTIONS))
def test_the_sql_behind_a_question_gives_its_rows(name, landed):
    question = queries.QUESTIONS[name]
    parameters = EXAMPLES[question.parameters]

    text = text_of(landed, name, parameters)
    by_hand = run_by_hand(landed, text.sql)

    if name in statements.query_names():
        answer = question.answer(landed, parameters)
        assert by_hand.equals(answer) == (not text.note)
    else:
        assert "other statements" in text.note
        assert "trace_id" in by_hand.column_names


def test_values_cannot_leave_their_quotes(landed):
    [row] = run_by_hand(landed, filled_in("select $text as text", {"text": HOSTILE}, for_duckdb)).to_pylist()

    assert row["text"] == HOSTILE


@pytest.mark.parametrize(
    ("value", "duckdb", "clickhouse"),
    [
        (None, "null", "null"),
        (True, "true", "true"),
        (7, "7::bigint", "7"),
        (-7, "(-7)::bigint", "-7"),
        (2**63 - 1, "9223372036854775807", "9223372036854775807"),
        (0.1, "0.1::double", "0.1"),
        (1e-07, "1e-07::double", "1e-07"),
        ("it's \\", "'it''s \\'", "'it\\'s \\\\'"),
        ("a\0b", "('a' || chr(0) || 'b')", "'a\\0b'"),
        ([], "[]::varchar[]", "[]::Array(String)"),
        (["$since_ns", "'"], "['$since_ns', '''']::varchar[]", "['$since_ns', '\\'']"),
    ],
)
def test_values_are_written_as_each_engine_reads_them(value, duckdb, clickhouse):
    parameters = {"value": value, "since_ns": 5}

    assert filled_in("select $value, $other", parameters, for_duckdb) == f"select {duckdb}, $other"
    assert filled_in("select $value, $other", parameters, for_clickhouse) == f"select {clickhouse}, $other"


def test_products_of_numbers_do_not_overflow_as_short_integers_do(store):
    sql = filled_in("select $bucket_seconds * 1000000000 as ns", {"bucket_seconds": 3600}, for_duckdb)

    assert run_by_hand(store, sql).to_pylist() == [{"ns": 3_600_000_000_000}]


def test_filters_with_hostile_texts_are_texts(landed):
    parameters = TraceFilter(**EVERYTHING, text="o'clock', 'x", attributes=("a'b=c'd",), tag="'")

    assert run_by_hand(landed, text_of(landed, "traces", parameters).sql).num_rows == 0


def test_a_strategy_narrows_the_sql_as_it_narrows_the_question(landed):
    parameters = Window(**EVERYTHING, strategies=("moa", "council"))

    by_hand = run_by_hand(landed, text_of(landed, "by_strategy", parameters).sql)

    # 0.15 and 0.10 dollars.
    assert by_hand["strategy"].to_pylist() == ["council", "moa"]


def test_over_http_the_sql_comes_with_its_note_and_runs(collector):
    collector.send(all_traces())
    with CollectorClient(collector.url) as client:
        told = client.question_text("totals", EVERYTHING)
        by_hand = client.sql(told["sql"]).table

        assert told["note"] == ""
        assert by_hand.equals(client.ask("totals", **EVERYTHING))


def test_what_is_wrong_with_a_question_is_said(collector):
    with CollectorClient(collector.url) as client:
        with pytest.raises(CollectorError, match="there is no question named 'no'"):
            client.question_text("no", {})
        with pytest.raises(CollectorError, match="the parameter 'since_ns' is missing"):
            client.question_text("totals", {})
