"""Following what is committed, over real sockets."""

import socket
import threading
import time

import httpx
import pytest

from collector.api import live, streams
from collector.client import CollectorClient
from collector.errors import QuestionError
from collector.monitoring import live_feed
from collector.monitoring.live_events import live_events
from collector.monitoring.live_feed import LiveFeed
from collector.spans.columns import span_table
from collector.spans.otlp import batch_of
from tests.collector.running import wait_until
from tests.otlp_traces import SECOND, council_trace, export_request, moa_trace, span, span_hex, trace_hex


@pytest.fixture
def client(collector):
    with CollectorClient(collector.url) as opened:
        yield opened


def now(seconds_ago=0):
    return time.time_ns() - seconds_ago * SECOND


def test_spans_come_after_their_commit_in_the_order_of_commits(collector, client):
    following = client.follow()
    assert next(following).name == "ready"
    trace = moa_trace(start_ns=now())

    events = []
    for one in trace:
        assert collector.send([one]).status_code == 200
        # Acknowledged is committed, so the store knows whatever the stream tells.
        events.append(next(event for event in following if event.name == "spans"))
        assert collector.ask("store_counts")[0]["spans"] == len(events)

    spans = [told for event in events for told in event.data["spans"]]
    assert [told["span_id"] for told in spans] == [span_hex(n) for n in (3, 4, 5, 2, 7, 6, 1)]
    assert {
        key: spans[0][key] for key in ("trace_id", "model", "cost_usd", "status", "duration_ms", "role")
    } == {
        "trace_id": trace_hex(1),
        "model": "openai/gpt-4o",
        "cost_usd": 0.01,
        "status": "ok",
        "duration_ms": 1000.0,
        "role": "proposer",
    }
    following.close()


def test_runs_are_under_way_until_their_root_comes(collector, client):
    following = client.follow()
    *inner, root = moa_trace(start_ns=now())

    collector.send(inner)
    under_way = next(event for event in following if event.name == "running" and event.data["runs"])
    collector.send([root])
    over = next(event for event in following if event.name == "running")

    [run] = under_way.data["runs"]
    assert (run["trace_id"], run["spans"], run["calls"], run["strategy"]) == (trace_hex(1), 6, 4, "moa")
    assert run["cost_usd"] == pytest.approx(0.1)
    assert over.data["runs"] == []
    following.close()


def test_a_stream_goes_on_after_the_event_it_ended_with(collector, client):
    following = client.follow()
    next(following)
    collector.send([span("first", number=1)])
    seen = next(event for event in following if event.name == "spans")
    following.close()
    collector.send([span("missed", number=2)])
    collector.send([span("missed too", number=3)])

    resumed = client.follow(last_event_id=seen.id)

    told = [next(event for event in resumed if event.name == "spans") for _ in range(2)]
    assert [event.data["spans"][0]["name"] for event in told] == ["missed", "missed too"]
    resumed.close()


@pytest.mark.parametrize("event_id", ["1-1", "x", "", "-", "{epoch}-99", "{epoch}--1"])
def test_an_id_the_feed_does_not_know_is_answered_with_reset(collector, client, event_id):
    event_id = event_id.format(epoch=collector.inside.feed.epoch)

    following = client.follow(last_event_id=event_id)

    expected = ["reset", "ready"] if event_id else ["ready", "running"]
    assert [next(following).name, next(following).name] == expected
    following.close()


def test_filters_choose_spans_and_runs(collector, client):
    by_strategy, by_trace = client.follow(strategy="council"), client.follow(trace_id="0x1")
    for following in (by_strategy, by_trace):
        assert next(following).name == "ready"
    collector.send([*moa_trace(1, start_ns=now())[:-1], *council_trace(2, start_ns=now())[:-1]])

    for following, trace in ((by_strategy, trace_hex(2)), (by_trace, trace_hex(1))):
        told = next(event for event in following if event.name == "spans").data["spans"]
        runs = next(event for event in following if event.name == "running" and event.data["runs"]).data[
            "runs"
        ]
        assert {one["trace_id"] for one in told} == {trace}
        assert [run["trace_id"] for run in runs] == [trace]
        following.close()


def test_several_strategies_are_followed_together(collector, client):
    following = client.follow(strategy=["council", "direct"])
    assert next(following).name == "ready"
    collector.send(moa_trace(1))
    collector.send(council_trace(2))

    event = next(event for event in following if event.name == "spans")
    following.close()

    assert {span["trace_id"] for span in event.data["spans"]} == {trace_hex(2)}


def test_what_has_no_strategy_is_other(collector, client):
    following = client.follow(strategy="other")
    assert next(following).name == "ready"
    collector.send([*moa_trace(1, start_ns=now()), span("foreign", trace=2, start_ns=now())])

    told = next(event for event in following if event.name == "spans").data["spans"]

    assert [one["name"] for one in told] == ["foreign"]
    following.close()


def test_what_is_no_trace_id_is_refused(collector):
    answer = httpx.get(f"{collector.url}/live", params={"trace_id": "zzz"})

    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert answer.json()["message"].startswith("'zzz' is no trace id")


def test_a_span_sent_again_is_not_told_again(collector, client):
    following = client.follow()
    next(following)
    collector.send([span("once", number=1)])
    collector.send([span("once", number=1)])
    collector.send([span("last", number=2)])

    told = [next(event for event in following if event.name == "spans") for _ in range(2)]

    assert [one["name"] for event in told for one in event.data["spans"]] == ["once", "last"]
    following.close()


def test_hostile_names_stay_inside_their_event(collector, client):
    name = "a\n\nevent: reset\ndata: {}\n\n\u2028\x85" + "x" * 1000
    following = client.follow()
    next(following)
    collector.send([span(name)])

    told = next(event for event in following if event.name == "spans").data["spans"]

    assert [one["name"] for one in told] == [name[:300]]
    following.close()


def test_who_leaves_is_forgotten(collector, client):
    following = client.follow()
    next(following)
    assert collector.inside.feed.followers == 1

    following.close()

    wait_until(lambda: collector.inside.feed.followers == 0)


def test_a_quiet_stream_is_kept_alive_by_comments(collector, monkeypatch):
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    with httpx.stream("GET", f"{collector.url}/live") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert next(line for line in answer.iter_lines() if line.startswith(":")) == ": nothing new"


def test_a_client_that_takes_nothing_is_dropped(collector, monkeypatch):
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.2)
    host, port = collector.url.removeprefix("http://").split(":")
    with socket.socket() as stalled:
        stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stalled.connect((host, int(port)))
        stalled.sendall(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        wait_until(lambda: collector.inside.feed.followers == 1)
        spans = span_table(batch_of(export_request(moa_trace())).rows)

        def told_enough():
            for _ in range(100):
                collector.inside.feed.publish(spans)
            return collector.inside.feed.followers == 0

        wait_until(told_enough)

    assert collector.send(moa_trace()).status_code == 200


def test_too_many_followers_are_refused(collector, client, monkeypatch):
    monkeypatch.setattr(live, "MOST_FOLLOWERS", 1)
    following = client.follow()
    next(following)

    with pytest.raises(QuestionError, match="1 clients follow already"):
        next(client.follow())
    following.close()


def test_the_end_of_the_collector_ends_the_streams(collector, client):
    """The fixture would wait ten seconds for a stream that stays open, and then cut it off."""
    following = client.follow()
    next(following)

    collector.inside.feed.close()

    assert [event.name for event in following] in ([], ["running"])


def table(numbers):
    return span_table(batch_of(export_request([span("one", number=number) for number in numbers])).rows)


def test_the_feed_keeps_so_many_spans_and_says_what_is_gone(monkeypatch):
    monkeypatch.setattr(live_feed, "SPANS_KEPT", 2400)
    feed = LiveFeed()
    # A commit of 1200 is told as 500, 500 and 200.
    for _ in range(3):
        feed.publish(table(range(1, 1201)))

    assert [each.spans.num_rows for each in feed.after(3)] == [500, 500, 200, 500, 500, 200]
    assert [feed.after(number) for number in (0, 1, 2, 10)] == [None] * 4
    assert feed.after(9) == []


def test_a_follower_hears_of_every_commit_of_several_writers():
    feed = LiveFeed()
    writers = [
        threading.Thread(target=lambda: [feed.publish(table([1])) for _ in range(50)]) for _ in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert [each.number for each in feed.after(0)] == list(range(1, 201))


def test_events_are_read_with_comments_and_pieces_left_out():
    lines = [": hello", "", "event: spans", "id: 1-2", 'data: {"a": ": x"}', "", "event: running", "data: {"]

    assert [(one.id, one.name, one.data) for one in live_events(lines)] == [("1-2", "spans", {"a": ": x"})]
