"""Runs laid over each other, by hand: who is where, what each place cost, and that the places add up."""

import pytest

from collector import queries
from collector.errors import QuestionError
from collector.mode_queries import NewestRuns
from collector.parameters import CallsOf, Window
from collector.statistics import merged_tree
from collector.statistics.mode_structure import MOST_PLACES, mode_structure
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.collector.statistics.observed_runs import Made, Staged, run
from tests.otlp_traces import (
    MINUTE,
    NOON,
    call_attributes,
    cost_attributes,
    failed_trace,
    key_values,
    moa_trace,
    request_attributes,
    span,
    stage_attributes,
    trace_hex,
)


def places(store, **asked):
    return mode_structure(store, NewestRuns(**EVERYTHING | asked)).to_pylist()


def outline(rows, *columns):
    return ["  " * row["depth"] + " ".join(str(row[name]) for name in ("label", *columns)) for row in rows]


def test_two_runs_of_one_kind_are_one_tree(store, land):
    """Each is four calls for 10 cents in 3 seconds; the second's third proposer is another model."""
    models = ("openai/gpt-4o", "anthropic/claude-opus", "openai/gpt-4o")
    land([*moa_trace(1), *moa_trace(2, start_ns=NOON + MINUTE, models=models)])
    rows = places(store, mode="moa")

    assert outline(rows, "runs", "spans", "calls") == [
        "run 2 2 8",
        "  moa.propose 2 2 6",
        "    proposer 2 6 6",
        "      anthropic/claude-opus 2 2 2",
        "      gemini/flash 1 1 1",
        "      openai/gpt-4o 2 3 3",
        "  moa.aggregate 2 2 2",
        "    aggregator 2 2 2",
        "      openai/gpt-4o 2 2 2",
    ]
    cents = [round(row["cost_usd"] * 100, 9) for row in rows]
    # gpt-4o proposes for 1 cent in both and for 3 in the second, opus for 2 in both.
    assert cents == [20, 12, 12, 4, 3, 5, 8, 8, 8]
    assert [row["above"] for row in rows] == [None, 0, 1, 2, 2, 2, 0, 6, 7]
    assert [row["input_tokens"] for row in rows[:3]] == [2000, 1200, 1200]
    assert (rows[0]["cached_tokens"], rows[0]["reasoning_tokens"]) == (80, 10)
    assert {row["matching"] for row in rows} == {2}


def test_what_places_are_waited_for_adds_up_to_the_latency(store, land):
    """The longest proposer holds up the first two seconds; the two others are under way, and nobody waits for them."""
    land(moa_trace(1))
    rows = {row["label"]: row for row in places(store) if row["kind"] != "model"}

    waited = {label: row["waited_ms"] for label, row in rows.items()}
    assert waited == {
        "run": 3000,
        "moa.propose": 2000,
        "proposer": 2000,
        "moa.aggregate": 1000,
        "aggregator": 1000,
    }
    models = {row["label"]: row for row in places(store) if row["kind"] == "model" and row["place"] < 6}
    assert [(name, row["waited_ms"], row["elapsed_ms"]) for name, row in sorted(models.items())] == [
        ("anthropic/claude-opus", 0, 1500),
        ("gemini/flash", 2000, 2000),
        ("openai/gpt-4o", 0, 1000),
    ]
    assert (rows["moa.aggregate"]["first_ms"], rows["run"]["elapsed_ms"]) == (2000, 3000)


def test_time_between_stages_is_the_runs_own(store, land):
    """A request of 3 seconds with a stage in the middle one."""
    land(
        [
            span(
                "invoke_workflow",
                duration_ms=3000,
                attributes=request_attributes(
                    "moa",
                    trace=1,
                    question="Q",
                    model_name="composite/moa",
                    simulated=False,
                    answer="A",
                ),
            ),
            span(
                "stage",
                number=2,
                parent=1,
                start_ms=1000,
                duration_ms=1000,
                attributes=stage_attributes("propose", 0, "moa", trace=1, fan_out=0),
            ),
        ]
    )
    top, stage = places(store)

    assert (top["elapsed_ms"], top["waited_ms"], stage["waited_ms"]) == (3000, 3000, 1000)


def test_failures_are_counted_where_they_are_and_no_price_is_no_free_call(store, land):
    """Both calls of `failed_trace` were refused; of the other one nobody knows the price."""
    land(
        [*failed_trace(3), *run("council", [Staged("council.answers", {}, [Made("member", 0, cents=None)])])]
    )
    failed = places(store, mode="moa")
    assert (failed[0]["failed"], failed[0]["failed_calls"], failed[0]["calls"]) == (1, 2, 2)
    assert (failed[0]["cost_usd"], failed[0]["unpriced_calls"]) == (0.0, 0)

    unpriced = places(store, mode="council")
    assert {(row["cost_usd"], row["unpriced_calls"]) for row in unpriced} == {(None, 1)}


def test_composites_inside_stand_below_their_stage_by_their_strategy(store, land):
    outer = run("router", [Staged("router.long", {}, [])])
    inner = run("moa", [Staged("moa.layer1", {}, [Made("proposer", 0)])], first=10, above=2)
    land([*outer, *inner])

    assert outline(places(store), "kind") == [
        "run run",
        "  router.long stage",
        "    moa request",
        "      moa.layer1 stage",
        "        proposer call",
        "          openai/gpt-4o model",
    ]


def test_nodes_of_a_recursion_stand_at_their_depth(store, land):
    """The root runs code twice; what the code asks is one depth further down, both times."""
    node = {"span_type": c.RLM_NODE}
    stages = [
        Staged("", {}, [Made("rlm_root", 0)], **node),
        Staged("rlm.turn1", {}, under=0),
        Staged("rlm.turn2", {}, under=0),
        Staged("", {}, [Made("rlm_leaf", 0)], under=1, **node),
        Staged("", {}, [Made("rlm_leaf", 0)], under=2, **node),
    ]
    land(run("rlm", stages))

    assert [row["label"] for row in places(store) if row["kind"] == c.RLM_NODE] == [
        "depth 0",
        "depth 1",
        "depth 1",
    ]


def test_a_long_row_of_numbered_stages_is_one_place(store, land):
    few = merged_tree.MOST_NUMBERED
    land(run("rlm", [Staged(f"rlm.turn{turn}", {}, [Made("rlm_root", 0)]) for turn in range(1, few + 1)]))
    assert len(places(store)) == 1 + 3 * few

    land(run("rlm", [Staged(f"rlm.turn{turn}", {}, [Made("rlm_root", 0)]) for turn in range(1, 14)], trace=2))
    assert outline(places(store), "spans", "runs") == [
        "run 2 2",
        f"  rlm.turn… {few + 13} 2",
        f"    rlm_root {few + 13} 2",
        f"      openai/gpt-4o {few + 13} 2",
    ]


def test_what_lost_its_parent_is_under_a_place_of_its_own_and_still_counts(store, land):
    """The request and both stages of a run have not come."""
    land([each for each in moa_trace(1) if each.name.startswith("chat")])
    rows = places(store, mode="")

    assert outline(rows, "kind", "calls")[:3] == ["run run 4", "  orphans orphans 4", "    proposer call 3"]
    assert rows[0]["cost_usd"] == pytest.approx(0.10)


def test_names_that_never_end_become_others_and_depths_that_never_end_count_above(store, land):
    """300 children of 300 names below one another; a call at the very bottom."""
    wide = [span(f"name {number}", number=number, parent=1) for number in range(2, 302)]
    land([span("root", number=1), *wide])
    rows = places(store)
    assert len(rows) == 1 + 1 + merged_tree.MOST_BELOW + 1
    assert rows[-1]["label"] == "others"
    assert sum(row["spans"] for row in rows[2:]) == 300

    deep = [
        span(f"level {n}", trace=2, number=n, parent=n - 1 or None, start_ns=NOON + MINUTE)
        for n in range(1, 500)
    ]
    call = call_attributes("openai/gpt-4o", "leaf", "moa", trace=2) | cost_attributes(7)
    land([*deep, span("chat", trace=2, number=500, parent=499, start_ns=NOON + MINUTE, attributes=call)])
    rows = places(store, since_ns=NOON + MINUTE)
    assert max(row["depth"] for row in rows) == merged_tree.MOST_DEPTH
    assert {(row["calls"], round(row["cost_usd"], 9)) for row in rows} == {(1, 0.07)}


def test_too_many_places_are_cut_from_below(store, land):
    """20 stages with 20 roles each."""
    stages = [Staged(f"s.{chr(97 + n)}", {}, [Made(f"role {r}", 0) for r in range(20)]) for n in range(20)]
    land(run("moa", stages))
    rows = places(store)

    assert len(rows) == 21 <= MOST_PLACES
    assert sum(row["calls"] for row in rows[1:]) == rows[0]["calls"] == 400


def test_only_the_newest_runs_are_looked_at(store, land):
    land([each for trace in (1, 2, 3) for each in moa_trace(trace, start_ns=NOON + trace * MINUTE)])

    assert next((row["runs"], row["matching"]) for row in places(store, most_runs=2)) == (2, 3)
    assert next((row["runs"], row["matching"]) for row in places(store, most_spans=13)) == (1, 3)
    assert places(store, most_spans=6) == []
    newest = queries.QUESTIONS["newest_runs"].answer(store, NewestRuns(**EVERYTHING, most_runs=2)).to_pylist()
    assert [row["trace_id"] for row in newest] == [trace_hex(3), trace_hex(2)]
    assert (newest[0]["end_ns"] - newest[0]["start_ns"], newest[0]["spans"]) == (3 * 10**9, 7)


@pytest.mark.parametrize("asked", [{"most_runs": 0}, {"most_spans": 10**9}])
def test_what_is_looked_at_has_bounds(asked):
    with pytest.raises(QuestionError, match="must lie between 1 and"):
        NewestRuns(**EVERYTHING, **asked)


def test_runs_of_a_window_without_any_have_no_structure(store):
    assert places(store) == []


def costs_of(store, land, *cents):
    """A run of one call each, 1000, 2000 … tokens."""
    for trace, each in enumerate(cents, start=1):
        land(
            run(
                "moa",
                [Staged("moa.x", {}, [Made("r", 0, cents=each, tokens=(trace * 1000, 0))])],
                trace=trace,
            )
        )
    answer = queries.QUESTIONS["run_measures"].answer(store, Window(**EVERYTHING))
    return {row["measure"]: row for row in answer.to_pylist()}


def test_measures_of_runs(store, land):
    """Costs of 1 to 5 cents, and one nobody knows: the median of the five is 3, the 25th percentile 2."""
    found = costs_of(store, land, 1, 2, 3, 4, 5, None)

    cost = {name: value for name, value in found["cost_usd"].items() if name != "measure"}
    assert cost == {
        "runs": 5,
        "mean": pytest.approx(0.03),
        "least": 0.01,
        "p05": pytest.approx(0.012),
        "p25": pytest.approx(0.02),
        "p50": pytest.approx(0.03),
        "p75": pytest.approx(0.04),
        "p95": pytest.approx(0.048),
        "most": 0.05,
        "median_least": None,
        "median_most": None,
    }
    assert (found["calls"]["runs"], found["calls"]["mean"]) == (6, 1)
    assert (found["tokens"]["mean"], found["tokens"]["most"]) == (3500, 6000)
    assert found["latency_ms"]["p50"] == 1000


def test_the_median_of_ten_lies_between_the_least_and_the_most(store, land):
    """(10 − 2.2414·√10) / 2 = 1.46: the first and the tenth. All ten on one side of it happens once in 512 times."""
    cost = costs_of(store, land, *range(1, 11))["cost_usd"]

    assert (cost["median_least"], cost["median_most"]) == (0.01, 0.1)


def histogram(store, measure):
    answer = queries.QUESTIONS["run_histograms"].answer(store, Window(**EVERYTHING)).to_pylist()
    return [
        (row["bin"], pytest.approx(row["low"]), pytest.approx(row["high"]), row["runs"], row["is_log"])
        for row in answer
        if row["measure"] == measure
    ]


def test_bars_are_even_and_hold_every_run_once(store, land):
    """1 to 25 cents in bars a cent wide; the last one holds its upper end, too."""
    costs_of(store, land, 1, 2, 2, 25)

    assert histogram(store, "cost_usd") == [
        (0, 0.01, 0.02, 1, False),
        (1, 0.02, 0.03, 2, False),
        (23, 0.24, 0.25, 1, False),
    ]
    assert histogram(store, "calls") == [(0, 1, 2, 4, False)]


def test_what_spans_decades_has_bars_of_equal_ratio(store, land):
    """From 1 to 100 cents: a bar is a twelfth of a decade."""
    costs_of(store, land, 1, 11, 100)

    assert histogram(store, "cost_usd") == [
        (0, 0.01, 0.01 * 10 ** (1 / 12), 1, True),
        (12, 0.1, 0.1 * 10 ** (1 / 12), 1, True),
        (23, 10 ** (-1 / 12), 1, 1, True),
    ]


def test_errors_by_kind_with_their_latest_example(store, land):
    land([*failed_trace(3), *failed_trace(4, start_ns=NOON + MINUTE)])
    asked = CallsOf(trace_ids=(trace_hex(3), trace_hex(4)), first_ns=0, last_ns=2**63 - 1)
    rows = queries.QUESTIONS["run_errors"].answer(store, asked).to_pylist()

    assert sum(row["spans"] for row in rows) == 2 * sum(each.status.code == 2 for each in failed_trace(3))
    assert {(row["runs"], row["trace_id"]) for row in rows} == {(2, trace_hex(4))}
    assert all(row["failed"] for row in rows)


def scored(trace, *events, number=7):
    """Spans of a run with scores on the aggregator's."""
    spans = moa_trace(trace, start_ns=NOON + trace * MINUTE)
    at = next(each for each in spans if each.span_id == number.to_bytes(8, "big"))
    for attributes in events:
        at.events.add(name=c.EVALUATION_RESULT, time_unix_nano=NOON, attributes=key_values(attributes))
    return spans


def test_scores_by_their_names_where_anybody_gave_some(store, land):
    """Two runs are marked 0.5 and 1.0 for one thing, one of them 8 for another; a label alone is no number."""
    name, value = c.EVALUATION_NAME, c.EVALUATION_SCORE
    land(scored(1, {name: "faithfulness", value: 0.5}, {name: "helpfulness", value: 8}))
    land(
        scored(2, {name: "faithfulness", value: 1.0}, {name: "tone", "gen_ai.evaluation.score.label": "warm"})
    )
    land(moa_trace(3))
    rows = queries.QUESTIONS["mode_scores"].answer(store, NewestRuns(**EVERYTHING, mode="moa")).to_pylist()

    assert rows == [
        {"name": "faithfulness", "scores": 2, "runs": 2, "mean": 0.75, "least": 0.5, "most": 1.0},
        {"name": "helpfulness", "scores": 1, "runs": 1, "mean": 8.0, "least": 8.0, "most": 8.0},
    ]


def test_without_scores_there_are_no_rows(store, land):
    asked = NewestRuns(**EVERYTHING)
    assert queries.QUESTIONS["mode_scores"].answer(store, asked).num_rows == 0
    land(failed_trace(3))  # its events are exceptions
    assert queries.QUESTIONS["mode_scores"].answer(store, asked).num_rows == 0
