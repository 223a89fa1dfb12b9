"""How many calls a composite takes and what they cost, worked out before any is made."""

import re
from pathlib import Path

import pytest

from composite_llm.planning.dot import in_dot
from composite_llm.planning.drawing import drawing_of
from composite_llm.planning.estimate import estimate
from composite_llm.planning.formulas import FORMULAS
from composite_llm.planning.listing import listing
from composite_llm.planning.planned import Size
from composite_llm.planning.told import Edge
from composite_llm.request.reading import read_request
from composite_llm.strategies import STRATEGIES

SIZE = Size(question=1000, answer=100, instruction=200, verdict=50)
MINI_IN, MINI_OUT = 0.15e-6, 0.60e-6  # US dollars a token, gpt-4o-mini
GPT_IN, GPT_OUT = 2.5e-6, 10e-6  # gpt-4o


def calls(known):
    return known.least_calls, known.most_calls


def graph(steps, final, model="openai/gpt-4o"):
    return read_request(f"graph/{model}", {"steps": steps, "final": final}, folder=Path())


def test_moa_by_its_formula():
    """Two layers of two small models, then gpt-4o: 2·(1000, 100), 2·(1400, 100), (1400, 100)."""
    request = read_request("moa/openai/gpt-4o", {"proposers": "openai/gpt-4o-mini × 2", "layers": 3})

    known = estimate(request, SIZE)

    small = 2 * (1000 * MINI_IN + 100 * MINI_OUT) + 2 * (1400 * MINI_IN + 100 * MINI_OUT)
    assert calls(known) == (5, 5)
    assert known.least_usd == known.most_usd == pytest.approx(small + 1400 * GPT_IN + 100 * GPT_OUT)


def test_a_window_takes_as_many_aggregations_as_it_says():
    """Six answers by threes: 3, then 2 new ones, then the last: 1 + ⌈3/2⌉ = 3."""
    request = read_request("moa/openai/gpt-4o", {"proposers": "openai/gpt-4o-mini × 6", "window": 3})

    assert calls(estimate(request)) == (9, 9)


def test_a_council_by_its_formula():
    """Two members (1000, 100), two reviews (1200 + 100 own excluded, 50), chair (1400, 100)."""
    given = {"council_models": "openai/gpt-4o-mini × 2", "exclude_self": True}
    known = estimate(read_request("council/openai/gpt-4o", given), SIZE)

    small = 2 * (1000 * MINI_IN + 100 * MINI_OUT) + 2 * (1300 * MINI_IN + 50 * MINI_OUT)
    assert calls(known) == (5, 5)
    assert known.most_usd == pytest.approx(small + 1400 * GPT_IN + 100 * GPT_OUT)


def test_what_has_no_price_is_named_and_never_free():
    known = estimate(read_request("direct/hosted_vllm/my-own", {}))
    assert (known.least_usd, known.most_usd, known.unpriced) == (None, None, ["hosted_vllm/my-own"])

    partly = estimate(read_request("moa/openai/gpt-4o", {"proposers": "hosted_vllm/my-own"}), SIZE)
    assert partly.least_usd == pytest.approx(1300 * GPT_IN + 100 * GPT_OUT)
    assert partly.unpriced == ["hosted_vllm/my-own"]


LOOP = {
    "fan": {"fanout": "openai/gpt-4o-mini × 3"},
    "first": {"synthesize": "fan"},
    "answer": {
        "loop_until": "check.score >= 8",
        "max_rounds": 4,
        "start": "first",
        "steps": {"better": {"reflect": "answer", "rounds": 2}, "check": {"score": "better"}},
        "result": "better",
    },
}


def test_a_loop_is_once_at_least_and_its_rounds_at_most():
    """3 + 1 before it; a round is 1 critique + 1 mark at least, 2 critiques + 2 rewritings + 1 mark at most."""
    assert calls(estimate(graph(LOOP, "answer"))) == (4 + 2, 4 + 4 * 5)


def test_of_two_branches_the_smaller_bounds_below_and_the_larger_above():
    """Five samples are always asked; escalating adds one call, and a panel of three with its writer four."""
    steps = {
        "samples": {"fanout": "openai/gpt-4o-mini × 5"},
        "vote": {"vote": "samples"},
        "panel": {"fanout": "openai/gpt-4o × 3"},
        "decided": {"synthesize": ["samples", "panel"]},
        "answer": {"if": "vote.agreement >= 0.6", "then": "vote", "else": "decided"},
    }
    assert calls(estimate(graph(steps, "answer"))) == (5, 9)


def test_a_composite_inside_is_spelled_out():
    steps = {"inner": {"mode": "council-of-three"}, "answer": {"base_call": "Shorter: {{inner}}"}}

    assert calls(estimate(graph(steps, "answer"))) == (8, 8)


def test_a_mode_is_drawn_as_nodes_and_edges_with_its_loop_as_a_part_of_its_own():
    drawing = drawing_of(graph(LOOP, "answer"))

    assert [(node.id, node.kind, node.inside, node.final) for node in drawing.nodes] == [
        ("question", "question", None, False),
        ("fan", "fanout", None, False),
        ("first", "synthesize", None, False),
        ("answer", "loop_until", None, True),
        ("answer.better", "reflect", "answer", False),
        ("answer.check", "score", "answer", False),
    ]
    assert list(drawing.edges) == [
        Edge("question", "fan"),
        Edge("fan", "first"),
        Edge("first", "answer"),
        Edge("answer", "answer.better"),
        Edge("answer.better", "answer.check"),
        Edge("answer.better", "answer", "again"),
        Edge("answer.check", "answer", "until"),
    ]
    assert drawing.nodes[1].models == ["openai/gpt-4o-mini"] * 3
    text = in_dot(drawing, 'a "mode"')
    assert text.startswith('digraph "a \\"mode\\"" {')
    assert 'subgraph "cluster_answer"' in text
    assert text.count("{") == text.count("}")


def test_a_strategy_is_drawn_by_its_stages():
    drawing = drawing_of(read_request("council-of-three", {}))

    assert [node.id for node in drawing.nodes] == [
        "question",
        "council.answers",
        "council.review",
        "council.chair",
    ]
    assert drawing.nodes[-1].final


TESTED = {
    "direct": "engine/test_execution.py",
    "moa": "engine/test_execution.py",
    "council": "engine/test_execution.py",
    "graph": "graph/test_modes.py",
    "composer-cli": "agent_cli/test_runs.py",
}
"""Where strategies are tested that have no file of their name."""


def test_every_strategy_has_a_plan_and_a_sample():
    found = listing()

    assert {row.name for row in found.strategies} == STRATEGIES.keys() == FORMULAS.keys()
    assert all(row.sample and row.calls != "?" for row in found.strategies), found.strategies
    assert all(
        row.estimate for row in found.profiles if row.file.endswith(("strategies.yaml", "graphs.yaml"))
    )


@pytest.mark.parametrize("name", sorted(STRATEGIES))
def test_every_strategy_is_in_the_readme_and_has_tests(name):
    here = Path(__file__).parent
    rows = [
        line for line in (here.parents[1] / "README.md").read_text().splitlines() if line.startswith("| `")
    ]
    assert [row for row in rows if row.startswith((f"| `composite/{name}/", f"| `composite/{name}`"))], name

    tested = here / TESTED.get(name, f"strategies/test_{name}.py")
    assert re.search(rf"""composite/{name}|["']{name}["']""", tested.read_text()), tested
