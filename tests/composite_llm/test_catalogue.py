"""What a page is told of every mode: of a person's own profiles, of bundled ones, and of what cannot be used."""

import pytest

from composite_llm.planning.catalogue import catalogue
from composite_llm.planning.drawing import drawing_of
from composite_llm.planning.outline import outline
from composite_llm.planning.told import Edge, Line
from composite_llm.profiles.library import sources
from composite_llm.request.reading import read_request

MINE = """\
profiles:
  # Kept here.
  local:
    strategy: direct
    model: hosted_vllm/my-own

    extra_headers: {Authorization: Bearer abcdefgh12345678}
  wrong: {strategy: direct, model: openai/gpt-4o, temprature: 1}
  branching:
    model: openai/gpt-4o
    steps:
      samples:
        fanout:
          - {model: openai/gpt-4o-mini, role: You doubt.}
          - openai/gpt-4o-mini × 2
      majority: {vote: samples}
      decided: {synthesize: samples}
      answer: {if: majority.agreement >= 0.6, then: majority, else: decided}
    final: answer
"""


@pytest.fixture
def mine(tmp_path, monkeypatch):
    file = tmp_path / "mine.yaml"
    file.write_text(MINE)
    monkeypatch.setenv("COMPOSITE_LLM_PROFILES", str(file))
    return file


@pytest.fixture
def modes(mine):
    return {mode.name: mode for mode in catalogue().modes}


def test_own_profiles_come_first_then_bundled_ones_then_strategies(mine):
    modes = catalogue().modes

    assert [mode.name for mode in modes[:2]] == ["local", "branching"]
    kinds = list(dict.fromkeys(mode.kind for mode in modes))
    assert kinds == ["own", "bundled", "strategy", "broken"]


def test_what_cannot_be_used_says_where_and_hides_nothing_else(modes, mine):
    [said] = modes["wrong"].problems

    assert said.startswith(f"{mine}:8: profiles.wrong.temprature: there is no parameter 'temprature'")
    assert not modes["local"].problems
    assert modes["moa-light"].estimate.most_calls == 4


def test_an_unknown_price_stays_unknown(modes):
    known = modes["local"].estimate

    assert (known.least_usd, known.most_usd, known.unpriced) == (None, None, ["hosted_vllm/my-own"])


def test_a_profile_is_shown_as_it_is_written_without_its_keys(modes, mine):
    assert modes["local"].place == f"{mine}:3"
    assert modes["local"].text == (
        "local:\n"
        "  strategy: direct\n"
        "  model: hosted_vllm/my-own\n"
        "\n"
        "  extra_headers: {Authorization: Bearer [key]}"
    )


def test_a_strategy_tells_its_source_its_parameters_and_a_sample(modes):
    moa = modes["moa"]

    assert "arXiv 2406.04692" in moa.description
    assert "Cost, for N proposers and L layers" in moa.text
    assert ("proposers", "needed") in moa.parameters
    assert ("layers", "2") in moa.parameters
    assert (moa.drawn, moa.calls) == ("moa-light", "N·(layers−1) + 1")
    assert [line.step for line in moa.outline] == ["question", "moa.layer1", "moa.aggregate"]


def test_what_only_one_branch_needs_is_drawn_as_optional(modes):
    nodes = {node.id: node for node in modes["branching"].drawing.nodes}

    assert {name for name, node in nodes.items() if node.optional} == {"decided"}
    assert nodes["samples"].models == ["openai/gpt-4o-mini"] * 3
    assert nodes["samples"].roles == ["You doubt.", "", ""]
    assert nodes["answer"].condition == "majority.agreement >= 0.6"
    assert modes["branching"].outline[-1] == Line(
        "answer: majority.agreement >= 0.6?",
        "if",
        "majority (then), decided (else), majority (condition)",
        "",
    )


def test_a_condition_inside_a_loop_may_ask_about_a_step_outside_of_it(tmp_path):
    steps = {
        "draft": {"base_call": None},
        "rated": {"score": "draft"},
        "answer": {
            "loop_until": "check.score >= 8",
            "max_rounds": 2,
            "start": "draft",
            "steps": {
                "short": {"base_call": "Shorter: {{answer}}"},
                "long": {"base_call": "Longer: {{answer}}"},
                "better": {"if": "rated.score >= 5", "then": "short", "else": "long"},
                "check": {"score": "better"},
            },
            "result": "better",
        },
    }
    drawing = drawing_of(
        read_request("graph/openai/gpt-4o", {"steps": steps, "final": "answer"}, folder=tmp_path)
    )

    assert Edge("rated", "answer.better", "condition") in drawing.edges
    optional = {node.id for node in drawing.nodes if node.optional}
    assert optional == {"answer.short", "answer.long"}
    assert outline(drawing)[4].step == "  short"


def test_what_it_is_read_from_is_told_so_that_a_change_shows(mine, tmp_path):
    before = sources()
    assert (str(mine), mine.stat().st_mtime_ns, mine.stat().st_size) in before

    mine.write_text(MINE.replace("Kept here", "Kept there, and longer"))

    assert sources() != before
