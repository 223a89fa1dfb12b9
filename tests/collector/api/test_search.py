"""`GET /search`: matches and progress as they come, and nothing left at work once nobody listens."""

import json
import socket

import httpx
import pytest

from collector import search
from collector.api import search as search_api
from collector.client import CollectorClient
from collector.errors import CollectorFailed, QuestionError
from collector.store import statements
from tests.collector.api.test_leaving import ENDLESS
from tests.collector.running import wait_until
from tests.otlp_traces import NOON, SECOND, moa_trace, span_hex, trace_hex

HOUR = 3600 * SECOND


@pytest.fixture
def told(collector):
    """Two runs, three hours apart; the spans of a run start within two seconds."""
    assert collector.send([*moa_trace(1), *moa_trace(2, start_ns=NOON - 3 * HOUR)]).status_code == 200
    return collector


def lines(collector, **asked):
    answer = httpx.get(f"{collector.url}/search", params=asked)
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def test_a_line_after_each_stretch_tells_what_it_added_and_how_far_it_came(told):
    first, *_, last = lines(told, text="sky BLUE")
    [match] = first["matches"]

    assert (match["trace"]["trace_id"], match["trace"]["cost_usd"]) == (trace_hex(1), 0.1)
    assert match["trace"]["started"] == "2026-09-27T12:00:00.000000000Z"
    [listed] = httpx.get(f"{told.url}/traces", params={"limit": 1}).json()["traces"]
    assert match["trace"] == listed
    assert match["span_name"]
    assert "sky blue" in match["excerpt"].lower()
    assert (first["share"], first["state"]) == (0.5, "searching")
    assert (last["matches"], last["share"], last["state"]) == ([], 1.0, "complete")
    assert last["searched_since"] == "2026-09-27T09:00:00.000000000Z"


def test_the_client_gets_every_step(told):
    with CollectorClient(told.url) as client:
        steps = list(client.search("sky blue"))

    assert [match["trace"]["trace_id"] for step in steps for match in step.matches] == [
        trace_hex(1),
        trace_hex(2),
    ]
    assert steps[-1].state == "complete"


def test_window_filters_and_limit_narrow_it_down(told):
    def found(**asked):
        return [
            match["trace"]["trace_id"]
            for line in lines(told, text="sky", **asked)
            for match in line["matches"]
        ]

    assert found(limit=1) == [trace_hex(1)]
    assert found(until="2026-09-27T11:00:00Z") == [trace_hex(2)]
    assert found(strategy="council") == found(origin="simulated") == []
    assert lines(told, text="sky", limit=1)[-1]["state"] == "enough"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "text: Field required"),
        ({"text": ""}, "text: String should have at least 1 character"),
        ({"text": "x" * 1001}, "text: String should have at most 1000 characters"),
        ({"text": "x", "limit": 1001}, "limit: Input should be less than or equal to 1000"),
        ({"text": "x", "model": "y"}, "model: there is no such parameter"),
        ({"text": ["x", "y"]}, "text is given more than once"),
    ],
)
def test_what_makes_no_sense_is_told_before_anything_is_searched(told, asked, message):
    answer = httpx.get(f"{told.url}/search", params=asked)

    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert message in answer.json()["message"]


@pytest.fixture
def endless(monkeypatch):
    """Looking through one stretch takes hours."""
    query = statements.query
    slow = f"{ENDLESS} and a.range <> $since_ns + $until_ns + $most and $text || $after_id <> ''"
    monkeypatch.setattr(
        statements, "query", lambda name, *folder: slow if name == "content_matches" else query(name, *folder)
    )


def asking(collector):
    host, port = collector.url.removeprefix("http://").split(":")
    asker = socket.create_connection((host, int(port)))
    asker.sendall(b"GET /search?text=sky HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return asker


def test_it_ends_in_the_engine_when_its_client_leaves(told, endless, monkeypatch):
    monkeypatch.setattr(search_api, "MOST_SEARCHES", 1)
    with asking(told):
        wait_until(lambda: told.statements == 1)

    wait_until(lambda: told.statements == 0)
    wait_until(lambda: told.inside.searching.running == 0)


def test_one_too_many_is_told_to_come_back(told, endless):
    with asking(told), asking(told):
        wait_until(lambda: told.inside.searching.running == 2)
        answer = httpx.get(f"{told.url}/search", params={"text": "sky"})
        with (
            CollectorClient(told.url) as client,
            pytest.raises(QuestionError, match="2 searches are under way"),
        ):
            next(client.search("sky"))

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, 8, "1")
    wait_until(lambda: told.inside.searching.running == 0)


def test_a_fault_on_the_way_is_a_line_and_an_error_of_the_client(told, monkeypatch):
    query = statements.query
    monkeypatch.setattr(search, "FIRST_SPANS", 2)
    monkeypatch.setattr(
        statements,
        "query",
        lambda name, *folder: "select nonsense" if name == "said" else query(name, *folder),
    )

    [line] = lines(told, text="sky")

    assert line["code"] == 14
    assert line["message"].startswith("said cannot be answered")
    with CollectorClient(told.url) as client, pytest.raises(CollectorFailed, match="said cannot be answered"):
        list(client.search("sky"))


def test_the_span_that_is_named_says_the_words(told):
    [match] = [match for line in lines(told, text="sky", limit=1) for match in line["matches"]]

    [row] = told.ask("span_detail", trace_id=match["trace"]["trace_id"], span_id=match["span_id"])
    texts = [row[name] or "" for name in ("input_value", "output_value", "input_messages", "output_messages")]
    assert any("sky" in text.lower() for text in texts)
    assert match["span_id"] in {span_hex(number) for number in range(1, 8)}
