"""What the questions about strategies say of real runs: what the receipt and the runs' own spans say.

Each strategy runs on the simulator, its spans land in a real store as they came, and its questions are asked, so that
what strategies write and what questions read cannot drift apart.
"""

import json
from collections import Counter

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

import composite_llm
from collector.parameters import RunsOf
from collector.spans import otlp
from collector.statistics.named import STATISTICS
from collector.store.duckdb.store import DuckdbStore
from composite_llm import conventions as c
from tests.composite_llm.strategies import exploring
from tests.composite_llm.strategies.asked import GPT, MINI, SONNET, ask

pytestmark = pytest.mark.usefixtures("simulator")

NANO = "sim/openai/gpt-4.1-nano"
PANEL = [MINI, SONNET, NANO]
JUDGED = {"model": NANO, "accept": {"type": "judge", "model": MINI, "threshold": 1.0}}
ASKED = {
    "council": {"council_models": PANEL},
    "smoa": {"proposers": PANEL},
    "debate": {"agent_models": PANEL},
    "tumix": {"agents": [{"name": "one"}, {"name": "two", "prompt": "You doubt."}]},
    "self_consistency": {"samples": 3},
    "best_of_n": {"samples": 3},
    "judge": {"candidates": PANEL, "method": "pairwise"},
    "cascade": {"steps": [JUDGED, {"strategy": "moa", "model": GPT, "proposers": [MINI, NANO]}]},
    "router": {"routes": {"several": "composite/debate/sim/openai/gpt-4o"}, "default": "several"},
    "fusion": {"panel": PANEL},
    "reflect": {"rounds": 2, "pick": "best"},
    "think": {},
    "halo": {"subtasks": 2},
}
WHOLE = {
    "council": "council_runs",
    "smoa": "smoa_runs",
    "debate": "debate_runs",
    "tumix": "tumix_runs",
    "self_consistency": "choices",
    "best_of_n": "choices",
    "judge": "choices",
    "router": "router_routes",
    "fusion": "fusion_runs",
    "think": "think_runs",
    "halo": "halo_runs",
}
"""Questions whose rows say what a whole run cost."""
COLUMNS = {
    "smoa_runs": {"rounds": c.SMOA_ROUND, "rounds_spared": c.SMOA_ROUNDS_SPARED},
    "debate_runs": {
        "rounds": c.DEBATE_ROUNDS,
        "flips": c.DEBATE_FLIPS,
        "followed": c.DEBATE_FOLLOWED,
        "margin": c.DEBATE_MARGIN,
        "agreement": c.DEBATE_AGREEMENT,
    },
    "tumix_runs": {
        "rounds": c.TUMIX_ROUND,
        "last_margin": c.TUMIX_MARGIN,
        "last_entropy": c.TUMIX_ENTROPY,
        "coverage": c.TUMIX_COVERAGE,
        "tie_broken": c.TUMIX_TIE_BROKEN,
        "winner_agent": c.TUMIX_WINNER_AGENT,
    },
    "choices": {"winner": None},
    "router_routes": {"route": c.ROUTER_ROUTE, "chosen_by": c.ROUTER_CHOSEN_BY},
    "fusion_runs": {
        "read": c.FUSION_READ,
        "consensus": c.FUSION_CONSENSUS,
        "contradictions": c.FUSION_CONTRADICTIONS,
        "gaps": c.FUSION_GAPS,
        "blind_spots": c.FUSION_BLIND_SPOTS,
    },
    "halo_runs": {"subtasks": c.HALO_SUBTASKS, "stopped_by": c.HALO_STOPPED_BY},
}
"""By question the columns that are one attribute as it was told last."""
WINNERS = {
    "self_consistency": c.SELF_CONSISTENCY_WINNER,
    "best_of_n": c.BEST_OF_N_WINNER,
    "judge": c.JUDGE_WINNER,
}


@pytest.fixture
def answers(spans, tmp_path):
    """Lands all spans of the test, and answers questions about them."""
    store = DuckdbStore.open(tmp_path / "data")
    landed = []

    def answered(name):
        if not landed:
            landed.append(store.land(otlp.batch_of(encode_spans(spans.get_finished_spans()))))
        return STATISTICS[name](store, RunsOf(since_ns=0, until_ns=2**63 - 1, origin="simulated")).to_pylist()

    yield answered
    store.close()


def told(spans, key):
    """What the spans that say something under this key say, in the order in which they ended."""
    return [span.attributes[key] for span in spans.get_finished_spans() if key in span.attributes]


def roles(spans):
    return Counter(told(spans, c.CALL_ROLE))


@pytest.mark.parametrize("strategy", WHOLE)
def test_a_run_is_what_its_receipt_and_its_spans_say(strategy, spans, answers):
    response = ask(strategy, **ASKED[strategy])
    name = WHOLE[strategy]
    [row] = [row for row in answers(name) if row.get("strategy", strategy) == strategy]

    assert row["calls"] == len(composite_llm.receipt(response).calls) > 0
    assert row["cost_usd"] == pytest.approx(response._hidden_params["response_cost"])
    assert row["unpriced_calls"] == 0
    assert row["input_tokens"] + row["output_tokens"] == response.usage.total_tokens
    for column, key in COLUMNS.get(name, {}).items():
        assert row[column] == told(spans, key or WINNERS[strategy])[-1], column


def test_members_and_reviews_of_a_council(spans, answers):
    ask("council", **ASKED["council"])
    [ballots] = [json.loads(each) for each in told(spans, c.COUNCIL_BALLOTS)]

    members = answers("council_members")
    assert sum(row["reviews"] for row in members) == len(ballots) == 3
    assert sum(row["abstained"] for row in members) == sum(not ballot["ranking"] for ballot in ballots)
    assert {row["model"] for row in members} == set(PANEL)


@pytest.mark.parametrize(
    ("strategy", "question", "role", "named"),
    [
        ("smoa", "smoa_members", "proposer", PANEL),
        ("fusion", "fusion_members", "member", PANEL),
        ("tumix", "tumix_agents", "agent", ["one", "two"]),
    ],
)
def test_who_took_part_and_what_that_cost(strategy, question, role, named, spans, answers):
    ask(strategy, **ASKED[strategy])

    rows = answers(question)
    assert {row.get("model", row.get("agent")) for row in rows} == set(named)
    assert sum(row["calls"] for row in rows) == roles(spans)[role]
    of_role = [span for span in spans.get_finished_spans() if span.attributes.get(c.CALL_ROLE) == role]
    assert sum(row["cost_usd"] for row in rows) == pytest.approx(
        sum(span.attributes[c.COST_USD] for span in of_role)
    )


def test_a_cascade_that_goes_on_to_a_composite(spans, answers):
    """The judge of the simulator gives no 10 of 10, so the second step answers: two proposers and their aggregator."""
    response = ask("cascade", **ASKED["cascade"])

    first, second = answers("cascade_steps")
    assert told(spans, c.CASCADE_ACCEPTED) == [False, True]
    assert (first["accepted"], second["accepted"], first["mean_score"]) == (
        0,
        1,
        *told(spans, c.CASCADE_ACCEPT_SCORE),
    )
    assert (first["model"], second["model"]) == (NANO, "composite")
    assert (first["calls"], second["calls"]) == (2, 3)
    assert first["cost_usd"] + second["cost_usd"] == pytest.approx(response._hidden_params["response_cost"])
    assert first["answers_cost_usd"] + first["tests_cost_usd"] == pytest.approx(first["cost_usd"])


def test_the_rounds_of_a_reflection(spans, answers):
    ask("reflect", **ASKED["reflect"])

    rows, verdicts, by_role = answers("reflect_rounds"), told(spans, c.REFLECT_VERDICT), roles(spans)
    assert sum(row["critiques"] for row in rows) == len(verdicts) > 0
    assert sum(row["accepted"] for row in rows) == verdicts.count("accept")
    assert sum(row["rewrites"] for row in rows) == len(told(spans, c.REFLECT_CHANGED))
    counted = [json.loads(each) for each in told(spans, c.REFLECT_ISSUES)]
    for severity in ("low", "medium", "high"):
        assert sum(row[f"issues_{severity}"] for row in rows) == sum(each[severity] for each in counted)
    assert sum(row["picked_draft"] + row["picked_rewrite"] for row in rows) == len(
        told(spans, c.REFLECT_PICKED)
    )
    compared = len(told(spans, c.REFLECT_PICKED))
    assert sum(row["calls"] for row in rows) == by_role.total() - by_role["writer"] - compared


def test_thoughts(monkeypatch, spans, answers):
    from tests.scripted_answers import script

    thought = {"tool_calls": [{"name": "think", "arguments": '{"thought": "Let me see."}'}]}
    script(monkeypatch, lambda request: "42" if request.messages[-1].role == "tool" else thought)
    ask("think", max_thinks=1)

    [row] = answers("think_runs")
    assert (row["thoughts"], row["chars"], row["after_tool"], row["used_up"]) == (
        1,
        len("Let me see."),
        0,
        True,
    )
    assert row["calls"] == 2


def test_a_recursive_run(monkeypatch, spans, answers):
    """The root asks one leaf and one node, which answers in a turn of its own, and then says what it has."""
    turns = [
        exploring.code(
            "a = llm_query('one: ' + context[:100])", "b = rlm_query('two', context[100:300])", "print(a, b)"
        ),
        exploring.code("1 / 0"),
        "FINAL(17)",
    ]
    exploring.exploring(monkeypatch, turns, child=["FINAL(5)"])
    response = exploring.ask(max_depth=1)
    assert exploring.said(response) == "17"

    [run], cells = answers("rlm_runs"), answers("rlm_cells")
    root = exploring.the_root(spans).attributes
    assert run["termination"] == root[c.RLM_TERMINATION] == "final"
    assert (run["depth_reached"], run["nodes"], run["iterations"]) == (1, 2, root[c.RLM_ITERATIONS])
    assert run["coverage"] == root[c.RLM_COVERAGE]
    assert run["sub_calls"] == sum(told(spans, c.RLM_SUB_CALLS)) == 2
    assert run["cost_usd"] == pytest.approx(response._hidden_params["response_cost"])
    assert run["calls"] == len(composite_llm.receipt(response).calls)

    depths = answers("rlm_depths")
    assert [(row["nodes"], row["children"], row["leaf_calls"]) for row in depths] == [(1, 1, 1), (1, 0, 0)]
    assert [row["calls"] for row in depths] == [len(exploring.calls(spans, "rlm_root")) + 1, 1]
    assert sum(row["cost_usd"] for row in depths) == pytest.approx(run["cost_usd"])
    assert sum(row["cells"] for row in cells) == len(told(spans, c.REPL_EXIT)) == 2
    assert {row["exception_type"] for row in cells} == {None, "ZeroDivisionError"}
    assert sum(row["sub_calls"] for row in cells) == sum(told(spans, c.REPL_SUB_CALLS))
