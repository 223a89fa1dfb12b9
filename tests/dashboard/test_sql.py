"""SQL on the dashboard: what comes into the editor, what a statement answers, and what a link may not do."""

import datetime as dt
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from collector.client import CollectorClient
from dashboard import state
from dashboard.palette import Palette
from dashboard.panels.sql_result import csv_of, parquet_of
from dashboard.sql_examples import examples
from dashboard.sql_figure import Choice, figure, sensible
from tests.collector.running import EVERYTHING

ENDLESS = "select count(*) from range(10_000_000) a, range(10_000_000) b where a.range + b.range = 7"


def text_in(app):
    return app.text_area(key="sql_text").value


def write(app, sql):
    app.text_area(key="sql_text").input(sql)
    return app


def run(app):
    """Press Run, wait for the end, and draw it."""
    app.button[0].click().run()
    app.session_state["sql_run"].wait()
    return app.run()


def test_a_statement_is_answered_with_rows(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE)

    run(
        write(
            app, "select model, count(*) as calls from spans where is_llm_call group by model order by model"
        )
    )

    rows = app.dataframe[0].value
    assert rows["model"].to_list() == [
        "anthropic/claude-opus",
        "gemini/flash",
        "gpt-4o-mini",
        "openai/gpt-4o",
    ]
    assert rows["calls"].to_list() == [4, 1, 1, 6]


def test_a_link_with_a_statement_shows_it_and_runs_nothing(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE, sql="select 1 as one")

    assert text_in(app) == "select 1 as one"
    assert "sql_run" not in app.session_state

    run(app)

    assert app.dataframe[0].value["one"].to_list() == [1]


def test_a_link_to_a_question_shows_its_sql_ready_to_run(open_app, seeded):
    parameters = {**EVERYTHING, "strategies": ["moa"], "origin": "all"}

    app = open_app(seeded, state.SQL_PAGE, question="by_strategy", parameters=json.dumps(parameters))

    with CollectorClient(seeded) as client:
        assert text_in(app) == client.question_text("by_strategy", parameters)["sql"]
    run(app)
    assert app.dataframe[0].value["strategy"].to_list() == ["moa"]


@pytest.mark.parametrize(
    ("question", "parameters", "said"),
    [
        ("nothing", "{}", "there is no question named 'nothing'"),
        ("totals", "{", "not JSON"),
        ("totals", "[]", "must be a JSON object"),
        ("totals", "{}", "the parameter 'since_ns' is missing"),
        ("../query", "{}", "there is nothing"),
    ],
)
def test_a_bad_link_says_what_is_wrong_with_it(open_app, seeded, question, parameters, said):
    app = open_app(seeded, state.SQL_PAGE, question=question, parameters=parameters)

    assert any(said in text.value for text in app.text)
    assert text_in(app)


def test_what_the_engine_says_of_a_mistake_is_shown_with_its_place(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE)

    run(write(app, "select modell\nfrom spans"))

    assert "LINE 1: select modell" in app.code[0].value
    assert "^" in app.code[0].value


def test_writing_is_refused(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE)

    run(write(app, "delete from spans"))

    assert "exactly one statement that only reads" in app.code[0].value


def test_a_statement_can_be_cancelled_while_it_runs(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE)
    write(app, ENDLESS)
    app.button[0].click().run()
    [cancel] = [button for button in app.button if button.label == "Cancel"]
    cancel.click().run()
    app.session_state["sql_run"].wait()
    app.run()

    assert app.info[0].value.startswith("Cancelled after")


@pytest.mark.parametrize("asked", examples())
def test_every_example_runs(asked, seeded):
    filters = {"since_ns": 0, "until_ns": 2**63 - 1}
    with CollectorClient(seeded) as client:
        answer = client.sql(examples()[asked], filters)

    assert answer.table.num_columns >= 3


def test_the_dearest_role_of_each_strategy_is_right(seeded):
    with CollectorClient(seeded) as client:
        answer = client.sql(
            examples()["The dearest role of each strategy"], {"since_ns": 0, "until_ns": 2**63 - 1}
        )

    rows = {row["strategy"]: row for row in answer.table.to_pylist()}
    by_role = {}
    with CollectorClient(seeded) as client:
        for row in client.sql(
            "select strategy, role, cost_usd from spans where is_llm_call"
        ).table.to_pylist():
            key = row["strategy"], row["role"] or "call"
            by_role[key] = by_role.get(key, 0) + (row["cost_usd"] or 0)
    assert rows["moa"]["usd"] == pytest.approx(
        max(usd for (strategy, _), usd in by_role.items() if strategy == "moa")
    )


def test_the_window_at_the_left_stands_in_for_its_names(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE, window="all")

    run(write(app, "select $since_ns as since_ns, $until_ns > 0 as has_end"))

    assert app.dataframe[0].value["since_ns"].to_list() == [0]


def test_values_are_shown_in_full_and_nothing_as_null(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE)
    sql = """select 9007199254740993 as large, 0.0000042::double as small, null as nothing, true as truth,
        '\\x00ff'::blob as bytes, [1, null] as list, timestamp '2026-11-22 00:30:00' as moment, 1 as a, 2 as a,
        1.10::decimal(9, 2) as exact, 'x' || chr(8238) || 'y' as turned"""

    run(write(app, sql))

    [row] = app.dataframe[0].value.astype(object).to_dict("records")
    assert row["large"] == "9007199254740993"
    assert row["small"] == 0.0000042
    assert row["nothing"] is None
    assert row["truth"] == "true"
    assert row["list"] == "[1, null]"
    # Berlin is an hour ahead of UTC in November.
    assert str(row["moment"]) == "2026-11-22 01:30:00"
    assert (row["a"], row["a (2)"], row["exact"], row["turned"]) == (1, 2, "1.10", "x y")
    assert app.dataframe[0].proto.placeholder == "NULL"


def test_more_rows_than_the_limit_are_told_of(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE)

    run(write(app, "select i from range(1001) as numbers(i)"))

    assert len(app.dataframe[0].value) == 1000
    assert "first 1,000 rows; there are more" in app.warning[0].value


def test_files_hold_every_value():
    table = pa.table([[1, None], ["a,b", "c"], [1.5, 2.5]], names=["a", "a", "b"])

    assert csv_of(table).decode().splitlines() == ["a,a,b", '1,"a,b",1.5', ",c,2.5"]
    read = pq.read_table(io.BytesIO(parquet_of(table)))
    assert read.to_pydict() == {"a": [1, None], "a (2)": ["a,b", "c"], "b": [1.5, 2.5]}


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"model": ["a"], "calls": [3], "usd": [0.5]}, Choice("bar", "model", "usd")),
        (
            {"day": [dt.datetime(2026, 11, 22)], "model": ["a"], "usd": [1.0]},
            Choice("line", "day", "usd", "model"),
        ),
        ({"calls": [1], "latency_ms": [2.0]}, Choice("scatter", "calls", "latency_ms")),
        ({"trace_id": ["ab"]}, None),
        ({"n": [1]}, None),
        ({"model": pa.array([], pa.string()), "usd": pa.array([], pa.float64())}, None),
    ],
)
def test_a_chart_begins_with_what_suits_the_answer(columns, chosen):
    assert sensible(pa.table(columns)) == chosen


def test_the_chart_has_a_bar_for_each_row_that_has_a_value():
    table = pa.table({"model": ["<b>", "b", "c"], "usd": [1.0, None, 3.0]})

    drawn = figure(table, Choice("bar", "model", "usd"), Palette())

    [bars] = drawn.data
    assert list(bars.x) == ["&lt;b&gt;", "c"]
    assert list(bars.y) == [1.0, 3.0]


def test_bars_stand_in_the_order_of_the_answer():
    table = pa.table({"strategy": ["b", "a", "b"], "role": ["x", "y", "y"], "usd": [3.0, 2.0, 1.0]})

    drawn = figure(table, Choice("bar", "strategy", "usd", "role"), Palette())

    assert list(drawn.layout.xaxis.categoryarray) == ["b", "a"]


def test_a_row_that_names_a_run_leads_to_it(open_app, seeded):
    app = open_app(seeded, state.SQL_PAGE)
    run(write(app, "select trace_id from traces order by cost_usd desc nulls last limit 2"))
    app.session_state["sql_rows"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()

    [link] = [link for link in app.get("page_link") if link.proto.label.startswith("Open run")]
    # The council cost 0.15 dollars, the others less.
    with CollectorClient(seeded) as client:
        [dearest] = (
            client.sql("select trace_id from traces where strategy = 'council'").table["trace_id"].to_pylist()
        )
    assert link.proto.query_string == f"trace={dearest}"


def test_a_question_with_too_many_parameters_for_a_link_comes_by_the_session(open_app, seeded):
    parameters = {**EVERYTHING, "strategies": [f"strategy {number}" for number in range(200)]}
    app = open_app(seeded)
    app.session_state["sql_handed"] = ("by_strategy", parameters)
    app.switch_page(state.SQL_PAGE)
    app.run()

    assert "'strategy 199'" in text_in(app)
    assert "sql_handed" not in app.session_state
    app.run()
    assert "'strategy 199'" in text_in(app)


def test_points_stand_where_their_numbers_are_and_lines_where_their_moments_are():
    when = dt.datetime(2026, 11, 22, 12)
    table = pa.table({"at": pa.array([when, None], pa.timestamp("ns")), "calls": [3, 4], "usd": [0.5, 0.25]})

    [points] = figure(table, Choice("scatter", "calls", "usd"), Palette()).data
    [line] = figure(table, Choice("line", "at", "usd"), Palette()).data

    assert (list(points.x), list(points.y), points.mode) == ([3, 4], [0.5, 0.25], "markers")
    assert (list(line.x), line.mode) == ([when], "lines+markers")


def test_what_has_no_colour_left_is_drawn_with_the_others():
    table = pa.table({"n": list(range(30)), "usd": [1.0] * 30, "model": [f"m{n}" for n in range(30)]})

    drawn = figure(table, Choice("bar", "n", "usd", "model"), Palette())

    assert [bars.name for bars in drawn.data][-1] == "others"
    assert sum(len(bars.y) for bars in drawn.data) == 30
