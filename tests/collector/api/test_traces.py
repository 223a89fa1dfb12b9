"""The list of traces, its filters and its pages; one trace; totals. Numbers are those of tests/otlp_traces.py."""

import httpx
import pytest

from composite_llm import conventions as c
from tests.otlp_traces import (
    MINUTE,
    NOON,
    SECOND,
    council_trace,
    foreign_trace,
    maybe_repeated,
    moa_trace,
    more_than_calls,
    span,
    span_hex,
    trace_hex,
)


def get(collector, path, **parameters):
    return httpx.get(f"{collector.url}{path}", params=parameters)


def listed(collector, **parameters):
    answer = get(collector, "/traces", **parameters)
    assert answer.status_code == 200, answer.text
    return [int(trace["trace_id"], 16) for trace in answer.json()["traces"]]


def test_traces_come_newest_first_with_what_a_list_shows(stored):
    answer = get(stored, "/traces").json()

    assert [trace["trace_id"] for trace in answer["traces"]] == [trace_hex(n) for n in (4, 3, 2, 1)]
    assert answer["next"] is None
    first = answer["traces"][-1]
    assert first.pop("cost_usd") == pytest.approx(0.10, abs=1e-12)
    assert first == {
        "trace_id": trace_hex(1),
        "started": "2026-09-27T12:00:00.000000000Z",
        "latency_ms": 3000.0,
        "status": "ok",
        "strategy": "moa",
        "model_name": "composite/moa/openai/gpt-4o",
        "root_name": "invoke_workflow moa",
        "question": "Why is the sky blue?",
        "models": ["anthropic/claude-opus", "gemini/flash", "openai/gpt-4o"],
        "spans": 7,
        "calls": 4,
        "errors": 0,
        "is_lower_bound": False,
        "unpriced_calls": 0,
        "input_tokens": 1000,
        "output_tokens": 100,
        "cached_tokens": 40,
        "reasoning_tokens": 5,
        "simulated": False,
        "service_name": "composite-llm",
        "session_id": None,
        "user_id": None,
        "tags": [],
    }


def test_a_cost_nobody_knows_is_null_and_counted(collector):
    collector.send(foreign_trace())

    [trace] = get(collector, "/traces").json()["traces"]
    [mode] = get(collector, "/modes").json()["modes"]
    summary = get(collector, "/metrics/summary").json()

    for answer in (trace, mode, summary):
        assert (answer["cost_usd"], answer["unpriced_calls"], answer["is_lower_bound"]) == (None, 1, True)
    assert (mode["cost_per_run_usd"], summary["cost_per_run_usd"]) == (None, None)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"strategy": "council"}, [2]),
        ({"strategy": ["council", "other"]}, [4, 2]),
        ({"model": "gemini/flash"}, [1]),
        ({"status": "error"}, [3]),
        ({"status": "ok"}, [4, 2, 1]),
        ({"status": "running"}, []),
        ({"errors": "true"}, [3]),
        ({"min_cost": 0.1001}, [2]),
        ({"min_latency_ms": 3000}, [2, 1]),
        ({"text": "SKY"}, [1]),
        ({"origin": "simulated"}, []),
        ({"since": NOON + 1}, [4, 3, 2]),
        ({"until": NOON + MINUTE}, [1]),
        ({"since": "2026-09-27T14:01:00+02:00", "until": "2026-09-27T12:01:00.000001Z"}, [2]),
        ({"last_hours": 0.001}, []),
        ({"limit": 2}, [4, 3]),
        ({"attribute": f"{c.CALL_ROLE}=chair"}, [2]),
        ({"attribute": [f"{c.CALL_ROLE}=proposer", f"{c.CALL_OUTCOME}=error"]}, [3]),
        ({"attribute": "service.name=composite-llm"}, [4, 3, 2, 1]),
        ({"attribute": f"{c.CALL_INDEX}=2"}, [1]),
        ({"attribute": "a/b~c=no"}, []),
    ],
)
def test_filters(stored, filters, found):
    assert listed(stored, **filters) == found


def test_sessions_users_tags_and_any_attribute_find_their_traces(collector):
    strange = {"a/b~c": "x=y", "n": 1.5, "yes": True, "list": ["a", "b"]}
    collector.send([span("one", trace=1, attributes={c.SESSION_ID: "s1", c.USER_ID: "u1", **strange})])
    collector.send([span("two", trace=2, attributes={c.SESSION_ID: "s2", c.TRACE_TAGS: ["red", "blue"]})])

    assert listed(collector, session="s1") == [1]
    assert listed(collector, user="u1") == [1]
    assert listed(collector, tag="blue") == [2]
    for attribute in ("a/b~c=x=y", "n=1.5", "yes=true", 'list=["a","b"]'):
        assert listed(collector, attribute=attribute) == [1]


def test_a_trace_without_its_root_is_running(collector):
    collector.send(moa_trace()[:-1])

    assert listed(collector, status="running") == [1]
    [run] = collector.ask("running", since_ns=0, until_ns=2**63 - 1)
    assert (run["trace_id"], run["spans"], run["calls"], run["strategy"]) == (trace_hex(1), 6, 4, "moa")
    assert run["cost_usd"] == pytest.approx(0.10)
    assert run["last_seen"].value == NOON + 3 * SECOND

    collector.send(moa_trace()[-1:])
    assert collector.ask("running", since_ns=0, until_ns=2**63 - 1) == []


def pages(collector, between=lambda: None, **filters):
    """The pages of two, with something happening between them."""
    cursor, seen = None, []
    while True:
        answer = get(
            collector, "/traces", limit=2, **filters, **({"cursor": cursor} if cursor else {})
        ).json()
        seen.append([int(trace["trace_id"], 16) for trace in answer["traces"]])
        cursor = answer["next"]
        if cursor is None:
            return seen
        between()


def one(trace, start_ns, number=1, parent=None):
    return span("one", trace=trace, number=number, parent=parent, start_ns=start_ns)


def test_pages_follow_each_other_until_there_is_none(collector):
    # Three start at the same moment, so that ids decide.
    collector.send([one(1, NOON), one(2, NOON), one(3, NOON), one(4, NOON + 1)])

    assert pages(collector) == [[4, 1], [2, 3]]


def test_pages_stay_in_order_while_new_traces_arrive(collector):
    collector.send([one(trace, NOON - trace * SECOND) for trace in range(1, 6)])
    arriving = iter(range(10, 20))

    seen = pages(collector, lambda: collector.send([one(next(arriving), NOON + SECOND)]))

    assert seen == [[1, 2], [3, 4], [5]]


def test_a_listed_trace_does_not_come_again_when_an_earlier_span_of_it_is_late(collector):
    """Its start moves to where the next page is."""
    collector.send([one(trace, NOON - trace * SECOND) for trace in range(1, 6)])
    late = iter([one(1, NOON - 10 * SECOND, number=2), one(2, NOON - 3 * SECOND - 1, number=2)])

    seen = pages(collector, lambda: collector.send([next(late)]))

    assert seen == [[1, 2], [3, 4], [5]]


def test_a_trace_that_is_not_listed_yet_is_not_lost_when_its_start_moves(collector):
    collector.send([one(trace, NOON - trace * SECOND) for trace in range(1, 9)])
    late = iter([[one(3, NOON - 6 * SECOND - 1, number=2)]])

    seen = pages(collector, lambda: [collector.send(spans) for spans in late])

    # Now it starts between 6 and 7.
    assert seen == [[1, 2], [4, 5], [6, 3], [7, 8]]


def test_a_trace_that_came_while_paging_does_not_come_again_when_its_start_moves(collector):
    collector.send([one(trace, NOON - trace * SECOND) for trace in range(1, 9)])
    news = iter([one(9, NOON - 2 * SECOND - 1), one(9, NOON - 6 * SECOND - 1, number=2), one(10, NOON)])

    seen = pages(collector, lambda: [collector.send([span]) for span in [next(news, None)] if span])

    assert seen == [[1, 2], [9, 3], [4, 5], [6, 7], [8]]


def test_a_page_is_full_also_where_listed_traces_are_in_its_way(collector):
    collector.send([one(trace, NOON - trace * SECOND) for trace in range(1, 6)])
    first = get(collector, "/traces", limit=2).json()
    collector.send([one(trace, NOON - 3 * SECOND - 1, number=2) for trace in (1, 2)])

    assert listed(collector, limit=2, cursor=first["next"]) == [3, 4]


def test_the_window_of_the_first_page_holds_for_all(collector):
    collector.send([one(trace, NOON - trace * SECOND) for trace in range(1, 6)])

    assert pages(collector, since=NOON - 3 * SECOND) == [[1, 2], [3]]


@pytest.mark.parametrize(
    "cursor", ["x", "////", "W10", "é", "WzEsMiwzLDQsNV0", "W1tbW1tbW1s", "bnVsbA", "A" * 10_000]
)
def test_a_foreign_cursor_is_refused(stored, cursor):
    answer = get(stored, "/traces", cursor=cursor)

    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["message"].startswith("the cursor is none that /traces gave")


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"since": "yesterday"}, "since is no moment: write it like 2026-11-21T14:30:00Z"),
        ({"until": "2026-09-27T12:00:00"}, "until names no time zone: add Z"),
        ({"since": "2", "until": "1"}, "since must lie before until"),
        ({"since": "0001-01-01T00:00:00Z"}, "since is out of range: moments are from 1970 to 2262"),
        ({"until": "9999-01-01T00:00:00Z"}, "until is out of range: moments are from 1970 to 2262"),
        ({"until": "9999999999999999999"}, "until is out of range: moments are from 1970 to 2262"),
        ({"since": ["1", "2"]}, "since is given more than once"),
        ({"since": "1", "last_hours": "1"}, "give since or last_hours, not both"),
        ({"last_hours": "nan"}, "last_hours: Input should be"),
        ({"status": "fine"}, "status: Input should be 'ok', 'error' or 'running'"),
        ({"limit": "0"}, "limit: Input should be greater than or equal to 1"),
        ({"min_cost": "cheap"}, "min_cost: Input should be a valid number"),
        ({"attribute": "novalue"}, "'novalue' is no attribute: write key=value"),
        ({"origin": "fake"}, "origin: Input should be 'all', 'real' or 'simulated'"),
        ({"min_costs": "1"}, "min_costs: there is no such parameter"),
    ],
)
def test_parameters_that_make_no_sense_are_told_so(stored, parameters, message):
    answer = get(stored, "/traces", **parameters)

    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["message"].startswith(message)


@pytest.mark.parametrize(
    "form",
    [
        "0000000000000000000000000000ab0c",
        "0000000000000000000000000000AB0C",
        "00000000-0000-0000-0000-00000000ab0c",
        "0xAB0C",
        "ab0c",
    ],
)
def test_a_trace_is_found_by_any_form_of_its_id(collector, form):
    collector.send([span("one", trace=0xAB0C)])

    answer = get(collector, f"/traces/{form}")

    assert answer.json()["summary"]["trace_id"] == "0000000000000000000000000000ab0c"


def test_a_trace_comes_whole(stored):
    answer = get(stored, f"/traces/{trace_hex(1)}").json()

    assert answer["summary"]["calls"] == 4
    assert [(one["span_id"], one["depth"]) for one in answer["spans"]] == [
        (span_hex(1), 0),
        (span_hex(2), 1),
        (span_hex(3), 2),
        (span_hex(4), 2),
        (span_hex(5), 2),
        (span_hex(6), 1),
        (span_hex(7), 2),
    ]
    assert answer["total"] == {
        "calls": 4,
        "cost_usd": 0.1,
        "is_lower_bound": False,
        "unpriced_calls": 0,
        "input_tokens": 1000,
        "output_tokens": 100,
        "cached_tokens": 40,
        "reasoning_tokens": 5,
    }
    assert [(model["model"], model["calls"], model["cost_usd"]) for model in answer["by_model"]] == [
        ("openai/gpt-4o", 2, 0.05),
        ("gemini/flash", 1, 0.03),
        ("anthropic/claude-opus", 1, 0.02),
    ]


@pytest.mark.parametrize(
    ("spans", "rule"),
    [
        (more_than_calls(1), "container of more than the spans below it carry: what is missing is not known"),
        (maybe_repeated(1), "container that may repeat spans whose parent is not there"),
    ],
)
def test_money_a_container_alone_tells_of_is_missing_from_the_total_as_from_the_summary(
    collector, spans, rule
):
    collector.send(spans)

    answer = get(collector, f"/traces/{trace_hex(1)}").json()

    [agent] = [one for one in answer["spans"] if one["name"] == "agent"]
    assert (agent["usage_rule"], agent["billing"], agent["is_llm_call"]) == (rule, "unpriced", False)
    assert answer["total"] == {name: answer["summary"][name] for name in answer["total"]}
    assert answer["total"] == {
        "calls": 1,
        "cost_usd": 0.1,
        "is_lower_bound": True,
        "unpriced_calls": 1,
        "input_tokens": 10,
        "output_tokens": 1,
        "cached_tokens": 0,
        "reasoning_tokens": 0,
    }
    assert answer["by_model"] == [{"model": "gpt-4o"} | answer["total"]]


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        (f"/traces/{trace_hex(9)}", 404, 5, f"there is no trace {trace_hex(9)} in the store; "),
        ("/traces/xyz", 400, 3, "'xyz' is no trace id: it has up to 32 hex digits"),
        (f"/traces/{'a' * 33}", 400, 3, f"'{'a' * 33}' is no trace id"),
        ("/nowhere", 404, 5, "there is nothing at /nowhere; /openapi.json lists what there is"),
    ],
)
def test_what_is_not_there_is_said_in_one_shape(stored, path, status, code, message):
    answer = get(stored, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["message"].startswith(message)


def test_a_method_that_is_not_offered_is_said_in_the_same_shape(stored):
    answer = httpx.post(f"{stored.url}/traces")

    assert (answer.status_code, answer.json()["code"]) == (405, 12)
    assert answer.json()["message"].startswith("POST is not offered at /traces; ")


def test_the_summary_of_a_window(stored):
    answer = get(stored, "/metrics/summary", since=NOON, until=NOON + MINUTE + 1).json()

    # The moa run of 10 cents and 3 s, and the council of 15 cents and 6 s.
    assert (answer["runs"], answer["calls"], answer["failed_runs"]) == (2, 9, 0)
    assert answer["cost_usd"] == pytest.approx(0.25)
    assert answer["cost_per_run_usd"] == pytest.approx(0.125)
    assert answer["p50_latency_ms"] == 4500
    assert answer["since"] == "2026-09-27T12:00:00.000000000Z"
    assert [mode["strategy"] for mode in answer["by_strategy"]] == ["council", "moa"]


def test_the_summary_of_the_last_hour_leaves_out_what_is_older(collector):
    collector.send(council_trace())

    answer = get(collector, "/metrics/summary", last_hours=1).json()

    assert (answer["runs"], answer["cost_usd"], answer["p50_latency_ms"]) == (0, 0.0, None)


def test_modes_tell_what_each_strategy_did(stored):
    modes = {mode["strategy"]: mode for mode in get(stored, "/modes").json()["modes"]}

    # Of the two moa runs (4 and 2 calls, 3000 and 500 ms) one failed.
    moa = modes["moa"]
    assert (moa["runs"], moa["calls"], moa["calls_per_run"]) == (2, 6, 3.0)
    assert (moa["failed_runs"], moa["failed_share"]) == (1, 0.5)
    assert (moa["p50_latency_ms"], moa["p95_latency_ms"]) == (1750, pytest.approx(500 + 0.95 * 2500))
    assert modes["other"]["cost_usd"] is None


def test_openapi_lists_every_path_and_no_page_loads_scripts(stored):
    paths = get(stored, "/openapi.json").json()["paths"]

    assert {
        "/traces",
        "/traces/{trace_id}",
        "/metrics/summary",
        "/metrics",
        "/modes",
        "/query",
        "/schema",
        "/live",
    } <= set(paths)
    assert {"200", "default"} == set(paths["/modes"]["get"]["responses"])
    assert get(stored, "/docs").status_code == 404
