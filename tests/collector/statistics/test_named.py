"""All statistics: what they say they answer, and what no sender of spans can make of them."""

import re

import pytest

from collector.parameters import RunsOf
from collector.statistics.named import STATISTICS
from composite_llm import conventions as c
from tests.collector.running import EVERYTHING
from tests.collector.statistics.observed_runs import Made, Staged, run

ALL = RunsOf(**EVERYTHING)
SPENT = ("calls", "cost_usd", "unpriced_calls", "input_tokens", "output_tokens")
STRATEGIES = (
    *("council", "smoa", "debate", "tumix", "self_consistency", "best_of_n", "judge", "cascade", "router"),
    *("fusion", "reflect", "think", "rlm", "halo"),
)
KEYS = [value for name, value in vars(c).items() if name.isupper() and str(value).startswith("composite.")]
FINDINGS = [key for key in KEYS if key.split(".")[1] in {*STRATEGIES, "repl"} or key == c.ROLLUP_MAX_DEPTH]
NONSENSE = (
    *(
        "no JSON",
        "{}",
        "[]",
        "null",
        '[null, {}, [[]], -1, 1e999, true, "a"]',
        '{"0": null, "x": [], "1": 1e40}',
    ),
    *("[" * 5000, "9" * 5000, ""),
    *(True, -1, 2**63 - 1, 1e308, float("nan"), float("inf"), 0.5),
)


def test_they_are_named_as_their_functions_are():
    assert list(STATISTICS) == sorted(answer.__name__ for answer in STATISTICS.values())


def test_the_docstrings_name_the_columns(store):
    for name, answer in STATISTICS.items():
        words = set(re.findall(r"\w+", answer.__doc__ or ""))
        assert set(answer(store, ALL).column_names) <= words, name


def test_whatever_attributes_say_all_are_answered(store, land):
    """Every key with every kind of nonsense, on stages and on nodes of every strategy."""
    assert len(FINDINGS) > 70
    trace = 0
    for strategy in STRATEGIES:
        spans = []
        for nonsense in NONSENSE:
            trace += 1
            found = dict.fromkeys(FINDINGS, nonsense)
            kinds = (c.STAGE, c.RLM_NODE, c.THINK_STEP, c.REPL_EXEC)
            stages = [Staged("odd", found, [Made("", 0)], span_type=kind) for kind in kinds]
            spans += run(strategy, stages, trace=trace)
        land(spans)

    rows = {name: answer(store, ALL).num_rows for name, answer in STATISTICS.items()}
    assert rows["debate_runs"] == rows["fusion_runs"] == len(NONSENSE) * 4


def test_circles_of_spans_end(store, land):
    """Three stages that each stand in the next, with a call in one; and a request that stands in itself."""
    told = {c.DEBATE_ROUNDS: 2}
    spans = run("debate", [Staged("a", told, [Made("agent", 0)]), Staged("b", told), Staged("c", told)])
    request, first, call, second, third = spans
    for one, other in ((first, second), (second, third), (third, first), (request, request)):
        one.parent_span_id = other.span_id
    assert call.parent_span_id == first.span_id
    land(spans)

    assert [row["rounds"] for row in STATISTICS["debate_runs"](store, ALL).to_pylist()] == [2, 2, 2]
    for answer in STATISTICS.values():
        answer(store, ALL)


def test_a_run_inside_another_is_a_run_of_its_own_and_part_of_what_the_outer_one_cost(store, land):
    """A debate whose one stage holds a debate: 3 + 5 cents below the outer, 5 of them below the inner. Both agents
    have index 0, and neither run takes the other's model for its winner's."""
    end = {c.DEBATE_ROUNDS: 1, c.DEBATE_WINNER: 0}
    outer = run("debate", [Staged("debate.round1", end, [Made("agent", 0, "openai/outer", 3)])])
    inner = run(
        "debate",
        [Staged("debate.round1", end, [Made("agent", 0, "openai/inner", 5)])],
        first=10,
        above=2,
        start_ms=1,
    )
    land(outer + inner)

    first, second = STATISTICS["debate_runs"](store, ALL).to_pylist()
    assert (first["winner"], first["calls"], first["cost_usd"]) == ("openai/outer", 2, pytest.approx(0.08))
    assert (second["winner"], second["calls"], second["cost_usd"]) == ("openai/inner", 1, pytest.approx(0.05))


def test_what_nobody_knows_is_null_and_counted(store, land):
    end = {c.DEBATE_ROUNDS: 1}
    partly = [Made("agent", 0, cents=3), Made("agent", 1, cents=None)]
    land(run("debate", [Staged("debate.vote", end, partly)], trace=1))
    land(run("debate", [Staged("debate.vote", end, [Made("agent", 0, cents=None)])], trace=2, start_ms=1))
    land(run("debate", [Staged("debate.vote", end, [Made("agent", 0, cents=0)])], trace=3, start_ms=2))

    rows = STATISTICS["debate_runs"](store, ALL).to_pylist()
    assert [tuple(row[name] for name in SPENT) for row in rows] == [
        (2, 0.03, 1, 200, 60),
        (1, None, 1, 100, 30),
        (1, 0.0, 0, 100, 30),
    ]


def test_stages_without_calls_are_of_the_kind_their_run_is(store, land):
    """A vote asks nobody, so its span does not say that it was simulated; the request does."""
    spans = run("debate", [Staged("debate.vote", {c.DEBATE_ROUNDS: 1})], simulated=True)
    spans[1].attributes.remove(next(each for each in spans[1].attributes if each.key == c.SIMULATED))
    land(spans)

    kinds = [RunsOf(**EVERYTHING, origin=origin) for origin in ("all", "real", "simulated")]
    assert [STATISTICS["debate_runs"](store, kind).num_rows for kind in kinds] == [1, 0, 1]


def test_they_are_asked_over_http_as_the_others_are(collector):
    collector.send(
        run("debate", [Staged("debate.vote", {c.DEBATE_ROUNDS: 3}, [Made("agent", 0)])])
    ).raise_for_status()

    answers = {name: collector.ask(name, **EVERYTHING) for name in STATISTICS}
    assert {name: len(rows) for name, rows in answers.items() if rows} == {"debate_runs": 1}
    assert answers["debate_runs"][0]["rounds"] == 3
