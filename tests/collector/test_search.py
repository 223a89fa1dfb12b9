"""Searching all that was ever said: newest first, with progress, until nobody asks further."""

import pytest

from collector import search
from collector.search import Search
from collector.search import search as searched
from composite_llm import conventions as c
from tests.otlp_traces import NOON, SECOND, moa_trace, span, trace_hex

DAY = 86_400 * SECOND


def said(trace, text, *, days=0.0, key=c.OUTPUT_VALUE, number=1):
    return span("chat", trace=trace, number=number, start_ns=NOON + round(days * DAY), attributes={key: text})


@pytest.fixture
def told(store, land):
    land(
        [
            said(1, "A heron by the lake"),
            said(2, "nothing of the kind", days=3),
            said(3, '[{"content":"HERONS?"}]', days=9, key=c.INPUT_MESSAGES),
            said(3, "the heron again", days=0.5, number=2),
            said(4, "a Heron", days=9.001, key=c.INPUT_VALUE),
        ]
    )
    return store


def found_in(steps):
    return [
        (match.run["trace_id"], match.said["start_ns"], match.said["excerpt"])
        for step in steps
        for match in step.matches
    ]


def ids(steps):
    return [trace_id for trace_id, _, _ in found_in(steps)]


def test_each_run_that_says_the_words_is_found_once_the_newest_first(told):
    assert found_in(searched(told, Search(text="heron"))) == [
        (trace_hex(4), NOON + round(9.001 * DAY), "a Heron"),
        (trace_hex(3), NOON + 9 * DAY, '[{"content":"HERONS?"}]'),
        (trace_hex(1), NOON, "A heron by the lake"),
    ]


def test_each_step_says_how_far_the_search_has_come(told):
    steps = list(searched(told, Search(text="heron")))

    shares = [step.share for step in steps]
    assert shares == sorted(shares)
    # Five spans, of which the last hour of nine days holds two.
    assert (shares[0], shares[-1], steps[-1].searched_since_ns) == (0.4, 1.0, NOON)
    assert [step.state for step in steps] == ["searching"] * (len(steps) - 1) + ["complete"]


def test_who_stops_asking_has_what_was_found_until_then(told):
    steps = searched(told, Search(text="heron"))
    first = next(steps)
    steps.close()

    assert (ids([first]), first.share) == ([trace_hex(4), trace_hex(3)], 0.4)


def test_it_ends_with_as_many_runs_as_were_asked_for_and_can_be_gone_on_with(told):
    steps = list(searched(told, Search(text="heron", limit=1)))
    after = list(searched(told, Search(text="heron", limit=1, until_ns=steps[-1].searched_since_ns)))

    assert (ids(steps), steps[-1].state) == ([trace_hex(4)], "enough")
    assert (ids(after), after[-1].state) == ([trace_hex(3)], "enough")


def test_a_stretch_with_more_than_an_answer_holds_loses_none(told, monkeypatch):
    monkeypatch.setattr(search, "MOST_A_STRETCH", 1)

    assert ids(searched(told, Search(text="heron"))) == [trace_hex(4), trace_hex(3), trace_hex(1)]


def test_more_runs_of_one_moment_than_an_answer_holds_lose_none(store, land, monkeypatch):
    monkeypatch.setattr(search, "MOST_A_STRETCH", 2)
    land([said(trace, "a heron") for trace in range(1, 6)])

    assert ids(searched(store, Search(text="heron"))) == [trace_hex(number) for number in range(1, 6)]


def test_a_stretch_holds_no_more_spans_than_take_a_moment(store, land, monkeypatch):
    """All lie in one minute, after a century of nothing: progress is told all the same."""
    monkeypatch.setattr(search, "FIRST_SPANS", 10)
    monkeypatch.setattr(search, "MOST_SPANS", 10)
    land([said(number + 1, "a heron", days=number / 86_400 / 2) for number in range(120)])
    land([said(1000, "far away", days=36_500)])

    steps = list(searched(store, Search(text="heron", limit=1000)))

    assert max(len(step.matches) for step in steps) <= 20
    assert ids(steps) == [trace_hex(number) for number in range(120, 0, -1)]


def test_only_the_time_asked_for_is_searched(told):
    found = ids(searched(told, Search(text="heron", since_ns=NOON, until_ns=NOON + DAY)))

    assert found == [trace_hex(3), trace_hex(1)]


def test_runs_that_do_not_pass_the_filters_are_left_out(store, land, monkeypatch):
    monkeypatch.setattr(search, "MOST_A_STRETCH", 2)
    land([*moa_trace(1), *moa_trace(2, start_ns=NOON - DAY), said(3, "Why is it so?", days=2)])

    assert ids(searched(store, Search(text="why", strategies=("moa",)))) == [trace_hex(1), trace_hex(2)]
    assert ids(searched(store, Search(text="why", strategies=("other",)))) == [trace_hex(3)]
    assert ids(searched(store, Search(text="why", origin="simulated"))) == []


def test_the_excerpt_is_what_stands_around_the_words(store, land):
    land([said(1, f"{'é' * 300}HERON{'x' * 300}")])

    [(_, _, excerpt)] = found_in(searched(store, Search(text="heron")))

    assert excerpt == "é" * 60 + "HERON" + "x" * 175


def test_what_text_may_mean_elsewhere_means_nothing_here(store, land):
    land([said(1, "100% _sure_ \\ it's ä Ä"), said(2, "1000 sure its a A")])

    for text in ("100%", "_SURE_", "\\", "it's", "Ä"):
        assert ids(searched(store, Search(text=text))) == [trace_hex(1)]


def test_an_empty_store_is_searched_at_once(store):
    [step] = searched(store, Search(text="heron"))

    assert (step.matches, step.share, step.state) == ([], 1.0, "complete")
