"""SQL on the dashboard: what comes into the editor, what a statement answers, and what a link may not do."""

import json

import pytest

from collector.client import CollectorClient
from dashboard import state
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
    assert not app.dataframe
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
