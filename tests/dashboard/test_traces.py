"""The list of runs, its filters, and the way from a row to its trace."""

import threading
from datetime import UTC, datetime

import pytest
import streamlit as st

from collector.client import CollectorClient
from composite_llm import conventions as c
from dashboard import text_search
from dashboard.state import Filters
from dashboard.text_search import TextSearch
from tests.collector.running import wait_until
from tests.dashboard.conftest import STARTED_NS, send
from tests.otlp_traces import SECOND, key_values, moa_trace, trace_hex

TRACES = "views/traces.py"


def questions(app):
    return app.dataframe[0].value["question"].tolist()


def choose(app, *, rows=(), cells=()):
    key, _ = app.session_state["shown_runs"]
    app.session_state[key] = {"selection": {"rows": list(rows), "columns": [], "cells": list(cells)}}


def test_runs_are_listed_newest_first_with_what_they_cost(open_app, seeded):
    app = open_app(seeded, TRACES)

    table = app.dataframe[0].value
    assert table[["question", "strategy", "cost", "calls", "result", "origin"]].values.tolist() == [
        ["chat gpt-4o-mini", "other", "unknown", 1, "", "real"],
        ["Will this fail?", "moa", "–", 2, "failed (4)", "real"],
        ["Which proof is shortest?", "council", "$0.1500", 5, "", "real"],
        ["Why is the sky blue?", "moa", "$0.1000", 4, "", "real"],
    ]


def test_a_run_whose_root_has_not_come_is_marked_as_running(open_app, start_collector):
    spans = [*moa_trace(1, start_ns=STARTED_NS)[:-1], *moa_trace(2, start_ns=STARTED_NS - SECOND)]
    app = open_app(start_collector(*spans), TRACES)

    assert app.dataframe[0].value["result"].tolist() == ["running", ""]


def test_text_in_the_address_searches_questions(open_app, seeded):
    assert questions(open_app(seeded, TRACES, text="PROOF")) == ["Which proof is shortest?"]


def test_errors_only_keeps_the_runs_that_had_one(open_app, seeded):
    app = open_app(seeded, TRACES)
    app.toggle(key="errors").set_value(True).run()

    assert questions(app) == ["Will this fail?"]


def test_a_model_keeps_the_runs_that_called_it(open_app, seeded):
    app = open_app(seeded, TRACES)
    app.selectbox(key="model").select("gemini/flash").run()

    assert questions(app) == ["Why is the sky blue?"]


def test_least_cost_and_least_latency_keep_the_dear_and_the_slow(open_app, seeded):
    assert questions(open_app(seeded, TRACES, min_cost="0.12")) == ["Which proof is shortest?"]
    assert questions(open_app(seeded, TRACES, min_latency="3")) == [
        "Which proof is shortest?",
        "Why is the sky blue?",
    ]


def test_nothing_that_matches_says_so_and_can_be_cleared(open_app, seeded):
    app = open_app(seeded, TRACES, text="no such words")
    assert app.subheader[0].value == "No runs match"

    [clear] = [button for button in app.button if button.label == "Clear filters"]
    clear.click().run()
    assert len(questions(app)) == 4


def test_an_empty_store_says_how_to_record_a_run(open_app, empty):
    app = open_app(empty, TRACES)

    assert app.code[0].value == 'composite-llm ask --mode moa "Why is the sky blue?"'


def test_a_chosen_row_opens_its_trace(open_app, seeded):
    app = open_app(seeded, TRACES)
    choose(app, cells=[(2, "question")])
    app.run()

    assert app.query_params["trace"] == trace_hex(2)
    assert app.title[0].value.startswith("composite/council")


def test_simulated_runs_are_marked_in_their_row(open_app, start_collector):
    app = open_app(start_collector(*moa_trace(1, start_ns=STARTED_NS, simulated=True)), TRACES)

    assert app.dataframe[0].value["origin"].tolist() == ["simulated"]


def test_long_lists_come_in_pages(open_app, start_collector):
    spans = [
        span
        for number in range(1, 53)
        for span in moa_trace(number, start_ns=STARTED_NS + number * SECOND, question=f"Question {number}")
    ]
    url = start_collector(*spans)

    assert questions(open_app(url, TRACES))[0] == "Question 52"
    assert questions(open_app(url, TRACES, page="2")) == ["Question 2", "Question 1"]
    assert len(questions(open_app(url, TRACES, page="2", text="Question 7"))) == 1


def test_prompts_and_answers_are_searched_where_the_reader_asks_for_it(open_app, seeded):
    app = open_app(seeded, TRACES, text="aNSWER 9.")
    [button] = [button for button in app.button if button.label == "Search all prompts and answers"]
    button.click().run()
    search = app.session_state["text_search"]
    wait_until(lambda: not search.is_running)
    app.run()

    assert (search.state, search.share) == ("complete", 1.0)
    # The list below it finds none: no question, model or id has these words.
    assert "In prompts and answers: 1 run found." in [caption.value for caption in app.caption]
    [table] = [table.value for table in app.dataframe]
    assert table[["says", "strategy", "cost"]].values.tolist() == [["Answer 9.", "council", "$0.1500"]]


def test_no_words_no_search(open_app, seeded):
    assert "Search all prompts and answers" not in [
        button.label for button in open_app(seeded, TRACES).button
    ]


def months_apart(start_collector):
    return start_collector(
        *moa_trace(1, start_ns=STARTED_NS), *moa_trace(2, start_ns=STARTED_NS - 100 * 86_400 * SECOND)
    )


def test_a_search_that_nobody_looks_at_ends(start_collector, monkeypatch):
    monkeypatch.setattr(text_search, "SECONDS_UNSEEN", -1.0)
    with CollectorClient(months_apart(start_collector)) as client:
        search = TextSearch(client, "sky", Filters(0, STARTED_NS + 60 * SECOND))
        wait_until(lambda: not search.is_running)

    assert (search.state, len(search.matches), search.share) == ("stopped", 1, 0.5)


def test_a_search_ends_when_it_is_stopped(start_collector):
    class Stopping(CollectorClient):
        """Has the first step only once the reader has stopped the search."""

        stopped = threading.Event()

        def search(self, text, **wanted):
            for step in super().search(text, **wanted):
                assert self.stopped.wait(60)
                yield step

    with Stopping(months_apart(start_collector)) as client:
        search = TextSearch(client, "sky", Filters(0, STARTED_NS + 60 * SECOND))
        search.stop()
        client.stopped.set()
        wait_until(lambda: not search.is_running)

    assert (search.state, len(search.matches), search.share) == ("stopped", 1, 0.5)


MOA, COUNCIL, FAILED, FOREIGN = (
    "Why is the sky blue?",
    "Which proof is shortest?",
    "Will this fail?",
    "chat gpt-4o-mini",
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"profile": "council"}, [COUNCIL]),
        ({"status": "error"}, [FAILED]),
        ({"min_depth": "3"}, [FAILED, COUNCIL, MOA]),
        ({"attribute": ["service.name=composite-llm", "composite.call.role=chair"]}, [COUNCIL]),
        ({"attribute": ["nothing", "composite.call.role=chair"]}, [COUNCIL]),
        ({"model": "gemini/flash"}, [MOA]),
        ({"sort": "cost"}, [COUNCIL, MOA, FOREIGN, FAILED]),
        ({"sort": "depth", "strategy": ["other", "moa"]}, [FAILED, MOA, FOREIGN]),
        ({"sort": "no such order", "min_cost": "much", "page": "900"}, [FOREIGN, FAILED, COUNCIL, MOA]),
    ],
)
def test_filters_in_the_address_narrow_and_order_the_list(open_app, seeded, query, found):
    assert questions(open_app(seeded, TRACES, **query)) == found


def test_what_a_link_asks_for_and_the_store_does_not_know_is_nothing_and_not_everything(open_app, seeded):
    for query in (
        {"profile": "nobody"},
        {"tag": "nothing"},
        {"model": "gpt-0"},
        {"user": "x"},
        {"session": "y"},
    ):
        assert open_app(seeded, TRACES, **query).subheader[0].value == "No runs match", query


def test_an_attribute_that_is_none_is_told(open_app, seeded):
    [warning] = open_app(seeded, TRACES, attribute="nothing").warning

    assert "is no attribute" in warning.value


def test_users_sessions_and_tags_choose_runs(open_app, start_collector):
    marked = moa_trace(1, start_ns=STARTED_NS, question="Marked")
    marked[-1].attributes.extend(key_values({c.USER_ID: "ann", c.SESSION_ID: "s1", c.TRACE_TAGS: ["blue"]}))
    url = start_collector(*marked, *moa_trace(2, start_ns=STARTED_NS - SECOND))

    assert len(questions(open_app(url, TRACES))) == 2
    for query in ({"user": "ann"}, {"session": "s1"}, {"tag": "blue"}):
        assert questions(open_app(url, TRACES, **query)) == ["Marked"]


def test_a_window_of_ones_own_is_between_its_two_moments(open_app, seeded):
    # The example traces begin a minute apart; whole minutes around the second one.
    at = datetime.fromtimestamp((STARTED_NS + 60 * SECOND) // SECOND, UTC).replace(second=0)
    query = {"window": "custom", "from": at.isoformat(), "to": at.isoformat()}

    assert questions(open_app(seeded, TRACES, **query)) == [COUNCIL]


def test_a_window_that_is_none_is_said_and_the_default_one_is_shown(open_app, seeded):
    app = open_app(seeded, TRACES, window="custom", **{"from": "tomorrow", "to": "2026"})

    assert "is no moment" in app.error[0].value
    assert len(questions(app)) == 4


def test_depth_and_models_are_columns(open_app, seeded):
    table = open_app(seeded, TRACES).dataframe[0].value

    assert table["depth"].tolist() == [1, 3, 3, 3]
    assert table["models"].tolist()[-1] == "claude-opus, flash, gpt-4o"


def test_two_marked_runs_are_compared(open_app, seeded):
    app = open_app(seeded, TRACES)
    choose(app, rows=[3, 2])
    app.run()
    [compare] = [button for button in app.button if button.label == "Compare"]
    compare.click().run()

    assert (app.query_params["trace"], app.query_params["with"]) == (trace_hex(2), trace_hex(1))


def test_a_list_that_is_live_marks_what_is_new_and_waits_while_runs_are_chosen(open_app, start_collector):
    url = start_collector(*moa_trace(1, start_ns=STARTED_NS, question="Old"))
    app = open_app(url, TRACES, live="true")
    assert questions(app) == ["Old"]

    send(url, moa_trace(2, start_ns=STARTED_NS + SECOND, question="New")[:-1])
    st.cache_data.clear()
    app.run()
    table = app.dataframe[0].value
    assert table[["new", "result"]].values.tolist() == [["new", "running"], ["", ""]]
    assert table["cost"].tolist() == ["≥ $0.1000", "$0.1000"]

    choose(app, rows=[1])
    send(url, moa_trace(3, start_ns=STARTED_NS + 2 * SECOND, question="Newer"))
    st.cache_data.clear()
    app.run()
    assert len(questions(app)) == 2
    choose(app)
    app.run()
    assert questions(app)[0] == "Newer"


def test_filters_are_kept_under_a_name_and_come_back(open_app, seeded):
    app = open_app(seeded, TRACES, text="proof", window="30d", sort="cost", min_cost="0.1")
    app.text_input(key="view_name").set_value("Dear proofs")
    [save] = [button for button in app.button if button.label == "Save"]
    save.click().run()
    [clear_text] = [each for each in app.button if each.label.startswith("cost from")]
    clear_text.click().run()
    app.text_input(key="text").set_value("").run()
    assert len(questions(app)) == 4

    [view] = [button for button in app.button if button.label == "Dear proofs"]
    view.click().run()
    assert questions(app) == [COUNCIL]
    assert (app.text_input(key="text").value, app.selectbox(key="sort").value) == ("proof", "cost")
    app.button(key="delete_view_0").click().run()
    assert "Dear proofs" not in [button.label for button in app.button]


def test_the_marked_runs_become_a_file(open_app, seeded):
    app = open_app(seeded, TRACES)
    choose(app, rows=[0, 1])
    app.run()
    [make] = [button for button in app.button if button.label == "Make a file of 2 marked runs"]
    make.click().run()
    export = app.session_state["run_export"]
    wait_until(lambda: export.state != "running")
    app.run()

    assert export.content.count(b"\r\n") == 1 + 2
    assert "Another file" in [button.label for button in app.button]
